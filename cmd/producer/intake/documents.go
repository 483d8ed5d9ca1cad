package intake

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"

	"github.com/go-json-experiment/json/jsontext"

	"github.com/npiflow/npiflow/internal/record"
)

// document is one record as it stands in a file.
type document struct {
	line  int    // where it begins, from 1
	data  []byte // as it stands; the caller's
	fault string // why it is not a document of one JSON object; never quotes it
	huge  bool   // data is incomplete: there is no way to publish it
}

// documents reads a file of JSON, one document or several or an array of
// them, or of NDJSON, one document on each line. It holds no more than one
// document of at most limit bytes.
type documents struct {
	r     *bufio.Reader
	limit int
	line  int // newlines read so far

	lines bool // one document on each line
	dec   *jsontext.Decoder
	guard *guard
	ended bool
}

// sniffed is how much of a file, at most, decides what it is.
const sniffed = 64 << 10

const blanks = " \t\r\n"

func newDocuments(r io.Reader, limit int) *documents {
	d := &documents{r: bufio.NewReaderSize(r, sniffed), limit: limit}
	if mark, _ := d.r.Peek(3); bytes.Equal(mark, []byte("\xef\xbb\xbf")) {
		_, _ = d.r.Discard(3) // a byte order mark; spreadsheets write it
	}
	if d.lines = oneOnEachLine(firstLine(d.r)); !d.lines {
		d.guard = &guard{r: d.r}
		d.dec = jsontext.NewDecoder(d.guard, jsontext.AllowDuplicateNames(true))
	}
	return d
}

// firstLine gives the start of a file up to the end of its first line that
// is not blank, or as much as there is, and waits for no more than that: on a
// pipe the next line may be long in coming.
func firstLine(r *bufio.Reader) []byte {
	for n := 1; ; n = r.Buffered() + 1 {
		_, err := r.Peek(n)
		start, _ := r.Peek(r.Buffered())
		if err != nil || bytes.ContainsRune(bytes.TrimLeft(start, blanks), '\n') {
			return start
		}
	}
}

// oneOnEachLine decides by the start of a file: an array, or a first line that
// ends in the middle of a value, is JSON laid out for people. Everything else,
// broken lines included, is taken line by line, so that one bad line spoils
// only itself.
func oneOnEachLine(start []byte) bool {
	start = bytes.TrimLeft(start, blanks)
	if len(start) > 0 && start[0] == '[' {
		return false
	}
	line, _, more := bytes.Cut(start, []byte("\n"))
	if !more {
		return true
	}
	dec := jsontext.NewDecoder(bytes.NewBuffer(line), jsontext.AllowDuplicateNames(true))
	if _, err := dec.ReadValue(); err != nil {
		return !errors.Is(err, io.ErrUnexpectedEOF)
	}
	return len(bytes.TrimSpace(line[dec.InputOffset():])) == 0
}

// next gives the next document, or io.EOF, or why the file cannot be read.
func (d *documents) next() (document, error) {
	if d.lines {
		return d.nextLine()
	}
	if d.ended {
		return document{}, io.EOF
	}
	return d.nextValue()
}

// nextLine gives the next line that is not blank.
func (d *documents) nextLine() (document, error) {
	for {
		data, huge, err := d.readLine()
		switch {
		case err != nil:
			return document{}, err
		case huge:
			return document{line: d.line, huge: true, fault: d.tooLarge()}, nil
		case len(data) > 0:
			return document{line: d.line, data: data}, nil
		}
	}
}

// readLine gives a line without its end, or says that it is too long.
func (d *documents) readLine() (data []byte, huge bool, err error) {
	for some := false; ; some = true {
		part, err := d.r.ReadSlice('\n')
		if huge = huge || len(data)+len(part) > d.limit+2; !huge { // the line's end does not count
			data = append(data, part...)
		}
		switch {
		case errors.Is(err, bufio.ErrBufferFull):
		case err == nil, errors.Is(err, io.EOF) && (some || len(part) > 0):
			d.line++
			data = bytes.TrimSpace(data)
			return data, huge || len(data) > d.limit, nil
		default:
			return nil, false, err
		}
	}
}

func (d *documents) tooLarge() string {
	return fmt.Sprintf("more than %d bytes, which is too much for one document", d.limit)
}

// nextValue gives the next value; an array at the top is a list of documents.
func (d *documents) nextValue() (document, error) {
	for {
		d.guard.left = d.limit + sniffed - len(d.dec.UnreadBuffer())
		if kind := d.dec.PeekKind(); kind == ']' || kind == '[' && d.dec.StackDepth() == 0 {
			if _, err := d.dec.ReadToken(); err != nil {
				return d.broken(err)
			}
			continue
		}
		value, err := d.dec.ReadValue()
		if err != nil {
			return d.broken(err)
		}
		doc := document{line: d.lineNow() - bytes.Count(value, []byte("\n")), data: bytes.Clone(value)}
		if doc.huge = len(value) > d.limit; doc.huge {
			doc.fault = d.tooLarge()
		}
		return doc, nil
	}
}

// broken ends the reading: where the next document would begin is not known.
// What is left is given as one document, because for a file of one that is
// right.
func (d *documents) broken(err error) (document, error) {
	d.ended = true
	const last = "; nothing after it was read"
	unread := d.dec.UnreadBuffer()
	begin := len(unread) - len(bytes.TrimLeft(unread, blanks+","))
	doc := document{line: d.lineNow() + bytes.Count(unread[:begin], []byte("\n"))}
	var syntax *jsontext.SyntacticError
	switch {
	case errors.Is(err, errHuge):
		doc.huge, doc.fault = true, d.tooLarge()+last
		return doc, nil
	case !errors.As(err, &syntax):
		return document{}, err // io.EOF, or the file cannot be read
	case errors.Is(err, io.ErrUnexpectedEOF):
		doc.fault = "JSON that does not end" + last
	default:
		wrong := min(len(unread), max(begin, int(syntax.ByteOffset-d.dec.InputOffset())))
		doc.line += bytes.Count(unread[begin:wrong], []byte("\n"))
		doc.fault = "not valid JSON" + last
	}
	doc.data = bytes.Clone(unread[begin:])
	rest, err := io.ReadAll(io.LimitReader(d.r, int64(max(0, d.limit+1-len(doc.data)))))
	if err != nil {
		return document{}, err
	}
	doc.data = bytes.TrimSpace(append(doc.data, rest...))
	doc.huge = len(doc.data) > d.limit
	return doc, nil
}

// lineNow is the line the decoder stands in.
func (d *documents) lineNow() int {
	return 1 + d.guard.newlines - bytes.Count(d.dec.UnreadBuffer(), []byte("\n"))
}

var errHuge = errors.New("a document is too large")

// guard keeps the decoder, whose buffer grows with the value it reads, from
// reading more than one document may hold.
type guard struct {
	r        io.Reader
	left     int
	newlines int
}

func (g *guard) Read(p []byte) (int, error) {
	if g.left <= 0 {
		return 0, errHuge
	}
	n, err := g.r.Read(p[:min(len(p), g.left)])
	g.left -= n
	g.newlines += bytes.Count(p[:n], []byte("\n"))
	return n, err
}

// inspect says what a document is by its members: a claim has providers, a
// roster row has an NPI of its own, a group's, or taxonomies; "" if neither.
// The fault is set where it is not one JSON object.
func inspect(data []byte) (kind record.Kind, fault string) {
	dec := jsontext.NewDecoder(bytes.NewBuffer(data), jsontext.AllowDuplicateNames(true))
	if k := dec.PeekKind(); k != '{' && k > 0 {
		return "", "not a JSON object"
	}
	_, err := dec.ReadToken()
	for err == nil && dec.PeekKind() == '"' {
		var name jsontext.Token
		if name, err = dec.ReadToken(); err != nil {
			break
		}
		kind = moreTelling(kind, name.String())
		err = dec.SkipValue()
	}
	if err == nil {
		_, err = dec.ReadToken() // the closing brace
	}
	if err != nil {
		return "", fmt.Sprintf("not valid JSON near its byte %d", dec.InputOffset())
	}
	if len(bytes.TrimSpace(data[dec.InputOffset():])) > 0 {
		return "", "more than one JSON value"
	}
	return kind, ""
}

func moreTelling(kind record.Kind, member string) record.Kind {
	switch member {
	case "providers":
		return record.KindClaim
	case "npi", "group_npi", "taxonomies":
		if kind == "" {
			return record.KindRoster
		}
	}
	return kind
}
