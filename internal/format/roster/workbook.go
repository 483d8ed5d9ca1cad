package roster

import (
	"archive/zip"
	"bytes"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/xuri/excelize/v2"
)

// A workbook is held in memory as it comes, and what it unpacks to in memory
// or, of large sheets, in a temporary file. A roster of 100,000 rows is some 10
// MB and unpacks to 150.
const (
	maxWorkbook = 64 << 20  // bytes of the file
	maxUnpacked = 1 << 30   // bytes of all its parts
	maxInMemory = 16 << 20  // bytes of a sheet
	maxOther    = 128 << 20 // bytes of the parts that are no sheets, which are all held in memory
	maxRatio    = 250       // how many times its size a part of more than maxInMemory may unpack to; sheets come to 30
)

// workbook is one sheet of a workbook, read up to its header.
type workbook struct {
	file   *excelize.File
	rows   *excelize.Rows
	line   int
	table  *layout
	report *report
}

func openWorkbook(in io.Reader, m *Map, r *report) (_ *workbook, err error) {
	data, err := io.ReadAll(io.LimitReader(in, maxWorkbook+1))
	if err != nil {
		return nil, ioError(err)
	}
	if len(data) > maxWorkbook {
		return nil, refused(0, fmt.Sprintf("a workbook of more than %d MB is not read: save the sheet as CSV", maxWorkbook>>20))
	}
	if err := weigh(data); err != nil {
		return nil, err
	}
	w := &workbook{report: r}
	if err = guarded(func() error { return w.open(data) }); err == nil {
		err = w.find(m)
	}
	if err != nil {
		w.close()
		return nil, err
	}
	return w, nil
}

// weigh refuses a workbook that unpacks to more than any roster would.
func weigh(data []byte) error {
	z, err := zip.NewReader(bytes.NewReader(data), int64(len(data)))
	if err != nil {
		return refused(0, "the workbook is damaged or cut off: export it again")
	}
	var all, others uint64
	for _, f := range z.File {
		size := f.UncompressedSize64
		if size > maxUnpacked || size > maxInMemory && size/maxRatio > f.CompressedSize64 {
			return tooLarge()
		}
		all += size
		if !strings.HasPrefix(strings.ToLower(f.Name), "xl/worksheets/") {
			others += size
		}
		if all > maxUnpacked || others > maxOther {
			return tooLarge()
		}
	}
	return nil
}

func tooLarge() error {
	return refused(0, "the workbook unpacks to more than any roster has: if it is one, save the sheet as CSV")
}

var errDamaged = errors.New("damaged")

// guarded calls the workbook's reader, which may panic on a damaged one. Its
// errors may quote what stands in the file, so they are not passed on.
func guarded(call func() error) (err error) {
	defer func() {
		if recover() != nil {
			err = errDamaged
		}
		if err != nil {
			err = refused(0, "the workbook cannot be read: it is damaged, or not an .xlsx; export it again, or as CSV")
		}
	}()
	return call()
}

func (w *workbook) open(data []byte) (err error) {
	w.file, err = excelize.OpenReader(bytes.NewReader(data), excelize.Options{
		RawCellValue: true, UnzipSizeLimit: maxUnpacked, UnzipXMLSizeLimit: maxInMemory,
	})
	return err
}

// find goes to the first sheet with a header.
func (w *workbook) find(m *Map) error {
	var best *layout
	named := false
	for _, name := range w.file.GetSheetList() {
		if m != nil && m.Sheet != "" && !strings.EqualFold(strings.TrimSpace(name), m.Sheet) {
			continue
		}
		named = true
		seen, at, err := w.look(name, m)
		if err != nil {
			return err
		}
		if seen != nil && seen.npi {
			w.table = seen
			return w.goTo(name, at)
		}
		if seen != nil && (best == nil || seen.points > best.points) {
			best = seen
		}
	}
	if !named {
		return refused(0, "the workbook has no sheet of the name that the map gives")
	}
	return unrecognized(best, m)
}

// look finds the row of a sheet that looks most like a header.
func (w *workbook) look(name string, m *Map) (best *layout, at int, err error) {
	if err := w.goTo(name, 0); err != nil {
		return nil, 0, err
	}
	for w.line < titles {
		cells, _, _, err := w.next()
		if err == io.EOF {
			break
		}
		if err != nil {
			return nil, 0, err
		}
		if m.before(w.line) {
			continue
		}
		l := read(cells, w.line, m)
		l.sheet, l.numeric = name, true
		if best == nil || l.better(best) {
			best, at = l, w.line
		}
		if m.decided() {
			break
		}
	}
	if m != nil && m.NoHeader {
		at = 0
	}
	return best, at, nil
}

// goTo opens a sheet behind a line.
func (w *workbook) goTo(name string, line int) error {
	return guarded(func() (err error) {
		if w.rows != nil {
			_ = w.rows.Close()
		}
		if w.rows, err = w.file.Rows(name); err != nil {
			return err
		}
		if props, err := w.file.GetWorkbookProps(); err == nil && props.Date1904 != nil && w.table != nil {
			w.table.date1904 = *props.Date1904
		}
		for w.line = 0; w.line < line && w.rows.Next(); w.line++ {
			if _, err := w.rows.Columns(); err != nil {
				return err
			}
		}
		return nil
	})
}

func (w *workbook) layout() *layout { return w.table }

func (w *workbook) next() (cells []string, line, found int, err error) {
	for {
		more := false
		err := guarded(func() (err error) {
			if more = w.rows.Next(); !more {
				return w.rows.Error()
			}
			w.line++
			cells, err = w.rows.Columns()
			return err
		})
		if err != nil {
			return nil, 0, 0, err
		}
		if !more {
			return nil, 0, 0, io.EOF
		}
		if len(cells) > 0 {
			return w.fill(cells), w.line, len(cells), nil
		}
	}
}

func (w *workbook) fill(cells []string) []string {
	if w.table != nil && len(cells) < len(w.table.columns) {
		cells = append(cells, make([]string, len(w.table.columns)-len(cells))...)
	}
	return cells
}

// close removes temporary files; there is nothing to be done if it cannot.
func (w *workbook) close() {
	if w.rows != nil {
		_ = w.rows.Close()
	}
	if w.file != nil {
		_ = w.file.Close()
	}
}
