package fhir

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"strconv"

	"github.com/go-json-experiment/json/jsontext"

	"github.com/npiflow/npiflow/internal/record"
)

// bom is what some editors put before a text in UTF-8.
const bom = "\xef\xbb\xbf"

// errFull ends the reading of an input the batch has no room for.
var errFull = errors.New("full")

// Add reads one input: a JSON document (a resource, a Bundle, Parameters that
// hold either), or bulk NDJSON with one of them on each line. What is wrong
// with a part of it is reported by Records. The error is a record.Fault if
// nothing of the input could be used, or the batch has no room for it, and the
// reader's own otherwise; the batch goes on with what it has.
func (b *Batch) Add(r io.Reader) error {
	b.inputs++
	in := &input{batch: b, at: place{input: b.inputs}, lines: bufio.NewReaderSize(r, 64<<10), faults: len(b.faults)}
	in.parser.batch = b
	err := in.read()
	switch {
	case errors.Is(err, errFull):
		return record.Fault{Where: in.at.String(), Reason: fmt.Sprintf("more than %d resources in one batch: read the input in parts", maxResources), Lost: true}
	case err != nil:
		return fmt.Errorf("read FHIR: %w", err)
	case in.sound > 0:
		return nil
	case len(b.faults) == in.faults:
		return record.Fault{Where: in.at.String(), Reason: "it is empty", Lost: true}
	}
	first := b.faults[in.faults]
	b.faults = b.faults[:in.faults]
	return first
}

// place is where something stands in the inputs.
type place struct {
	input   int32
	line    int32 // of NDJSON, from 1; 0 in a document
	pointer string
}

// String gives "line 7, /careTeam/0". The first input needs no number: most
// batches have no second.
func (p place) String() string {
	s := ""
	if p.input > 1 {
		s = ", input " + strconv.Itoa(int(p.input))
	}
	if p.line > 0 {
		s += ", line " + strconv.Itoa(int(p.line))
	}
	if p.pointer != "" {
		s += ", " + p.pointer
	}
	if s == "" {
		return s
	}
	return s[2:]
}

// in gives the place of something below.
func (p place) in(pointer string) place {
	p.pointer = pointer
	return p
}

// input is one input on its way into a batch.
type input struct {
	batch  *Batch
	parser parser
	at     place
	lines  *bufio.Reader
	sound  int // resources read to their end, whatever their type
	faults int // of the batch before this input
}

func (in *input) read() error {
	first, err := in.line(nil)
	first = bytes.TrimPrefix(first, []byte(bom))
	for err == nil && len(bytes.TrimSpace(first)) == 0 {
		first, err = in.line(first[:0])
	}
	if err != nil {
		return none(err)
	}
	if _, err := in.lines.Peek(1); err == io.EOF { // a line alone is a document
		in.at.line = 0
		return in.document(first)
	}
	if jsontext.Value(first).IsValid() {
		return in.ndjson(first)
	}
	second, err := in.line(nil)
	if err != nil && err != io.EOF {
		return err
	}
	if startsAnew(first, second) {
		if err := in.document(first); err != nil {
			return err
		}
		return in.ndjson(second)
	}
	in.at.line = 0
	rest, err := io.ReadAll(io.LimitReader(in.lines, int64(maxDocument)+1))
	if err != nil {
		return err
	}
	return in.document(append(append(first, second...), rest...))
}

func none(err error) error {
	if err == io.EOF {
		return nil
	}
	return err
}

// startsAnew tells NDJSON with a broken first line from a document written
// over several lines: in a document, an object can begin a line only after
// something that asks for one.
func startsAnew(first, second []byte) bool {
	first = bytes.TrimSpace(first)
	return len(first) > 0 && bytes.HasPrefix(second, []byte("{")) && !bytes.ContainsRune([]byte("{[,:"), rune(first[len(first)-1]))
}

// line reads one line, its end included, into buf. A line that is too long is
// read over and reported.
func (in *input) line(buf []byte) ([]byte, error) {
	in.at.line++
	long := false
	for {
		part, err := in.lines.ReadSlice('\n')
		if long = long || len(buf)+len(part) > maxDocument; !long {
			buf = append(buf, part...)
		}
		switch {
		case err == bufio.ErrBufferFull:
			continue
		case err != nil && err != io.EOF:
			return nil, err
		case long:
			in.tooLong()
			return buf[:0], nil
		case err == io.EOF && len(buf) == 0:
			return nil, io.EOF
		}
		return buf, nil
	}
}

func (in *input) tooLong() {
	in.batch.fault(record.Fault{Where: in.at.String(), Reason: fmt.Sprintf("longer than %d bytes: split it", maxDocument), Lost: true})
}

// ndjson reads a line, and all that follow.
func (in *input) ndjson(line []byte) (err error) {
	for ; err == nil; line, err = in.line(line[:0]) {
		if err = in.document(line); err != nil {
			return err
		}
	}
	return none(err)
}

// document reads JSON documents, one after another. The error is errFull.
func (in *input) document(data []byte) error {
	if len(data) > maxDocument {
		in.tooLong()
		return nil
	}
	if len(bytes.TrimSpace(data)) == 0 {
		return nil
	}
	in.batch.documents++
	in.parser.start(data, in.at, in.batch.documents)
	for {
		err := in.parser.document()
		in.sound += in.parser.sound
		in.parser.sound = 0
		switch {
		case err == io.EOF:
			return nil
		case errors.Is(err, errFull):
			return err
		case err != nil:
			in.batch.fault(record.Fault{Where: in.at.String(), Reason: explain(err, len(data)), Lost: true})
			return nil
		}
	}
}

// explain says what is wrong with JSON in offsets alone: the codec's errors
// quote the input.
func explain(err error, size int) string {
	var syntax *jsontext.SyntacticError
	switch {
	case errors.Is(err, io.ErrUnexpectedEOF):
		return fmt.Sprintf("not valid JSON: it ends too early, after %d bytes", size)
	case errors.Is(err, jsontext.ErrDuplicateName) && errors.As(err, &syntax):
		return fmt.Sprintf("a member stands twice in the same object, near byte %d", syntax.ByteOffset)
	case errors.As(err, &syntax):
		return fmt.Sprintf("not valid JSON near byte %d of %d", syntax.ByteOffset, size)
	}
	return "not valid JSON"
}
