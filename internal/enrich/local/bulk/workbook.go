package bulk

import (
	"errors"
	"fmt"
	"io"
	"strconv"

	"github.com/xuri/excelize/v2"

	"github.com/npiflow/npiflow/internal/record"
)

// CMS ships its list of deactivated NPIs, and only that, as a workbook: some
// 350,000 rows in 8 MB that unpack to 60. What unpacks to more than maxUnpacked
// is no such list; a part of more than maxInMemory goes to a temporary file.
const (
	maxUnpacked = 1 << 30
	maxInMemory = 128 << 20
)

// sheet is a worksheet that has the header of the deactivated NPIs, at its
// first row below it.
type sheet struct {
	file     *excelize.File
	rows     *excelize.Rows
	plan     plan
	line     int  // of the last row read
	from1904 bool // days are counted from 1904, as old Macs did, not from 1900
}

var errNoSheet = errors.New("no sheet has the columns \"NPI\" and \"NPPES Deactivation Date\" in its first rows: give the Deactivated NPI Report as CMS ships it")

// openSheet reads a workbook up to the header. Whoever gets a sheet closes it.
func openSheet(src io.Reader) (*sheet, error) {
	file, err := excelize.OpenReader(src, excelize.Options{
		RawCellValue: true, UnzipSizeLimit: maxUnpacked, UnzipXMLSizeLimit: maxInMemory,
	})
	if err != nil {
		return nil, fmt.Errorf("it cannot be opened as a workbook (%w): download it again", err)
	}
	s := &sheet{file: file}
	if props, err := file.GetWorkbookProps(); err == nil && props.Date1904 != nil {
		s.from1904 = *props.Date1904
	}
	for _, name := range file.GetSheetList() {
		found, err := s.find(name)
		if err != nil || found {
			return s, err
		}
	}
	s.close()
	return nil, errNoSheet
}

// find looks for the header in the first rows of a sheet.
func (s *sheet) find(name string) (found bool, err error) {
	if s.rows, err = s.file.Rows(name); err != nil {
		s.close()
		return false, fmt.Errorf("its sheet cannot be read (%w): download it again", err)
	}
	for s.line = 0; s.line <= deactivations.titles && s.rows.Next(); {
		s.line++
		names, err := s.rows.Columns()
		if err != nil {
			break
		}
		var missing []string
		if s.plan, missing = deactivations.plan(names); len(missing) == 0 {
			return true, nil
		}
	}
	return false, nil
}

func (s *sheet) close() {
	if s.rows != nil {
		_ = s.rows.Close()
	}
	_ = s.file.Close() // removes temporary files; there is nothing to be done if it cannot
}

func workbookHeader(src io.Reader) error {
	s, err := openSheet(src)
	if err != nil {
		return err
	}
	s.close()
	return nil
}

// workbook reads the deactivated NPIs. There is progress only at its end: a
// workbook is unpacked as a whole, which takes two seconds.
func (r *reading) workbook(p *part, src io.Reader, handle handler) error {
	s, err := openSheet(src)
	if err != nil {
		return r.failed(p, 0, err)
	}
	defer s.close()
	c := &cells{text: make([]string, len(deactivations.columns))}
	for s.rows.Next() {
		if err := r.ctx.Err(); err != nil {
			return err
		}
		s.line++
		values, err := s.rows.Columns()
		if err != nil {
			return r.failed(p, s.line, err)
		}
		if !s.take(c, values) {
			continue
		}
		wrong, err := handle(c)
		if err != nil {
			return err
		}
		r.count(p, s.line, wrong)
	}
	if err := s.rows.Error(); err != nil {
		return r.failed(p, s.line, err)
	}
	return nil
}

// take puts the values of a row into their places, and says whether there are
// any.
func (s *sheet) take(c *cells, values []string) bool {
	clear(c.text)
	c.scratch = c.scratch[:0]
	filled := false
	for i, v := range values {
		if i >= len(s.plan.places) || s.plan.places[i] < 0 || v == "" {
			continue
		}
		start := len(c.scratch)
		c.scratch = appendClean(c.scratch, []byte(v), false)
		c.text[s.plan.places[i]] = view(c.scratch[start:])
		filled = filled || c.text[s.plan.places[i]] != ""
	}
	c.text[0], c.text[1] = number(c.text[0]), s.date(c.text[1])
	return filled
}

// number is the text of an NPI that stands in the sheet as a number.
func number(v string) string {
	if len(v) == 10 && digits(v) {
		return v
	}
	if f, err := strconv.ParseFloat(v, 64); err == nil && f == float64(int64(f)) {
		return strconv.FormatInt(int64(f), 10)
	}
	return v
}

// date is the text of a day that stands in the sheet as a count of days.
func (s *sheet) date(v string) string {
	f, err := strconv.ParseFloat(v, 64)
	if err != nil || len(v) == 8 && digits(v) {
		return v
	}
	t, err := excelize.ExcelDateToTime(f, s.from1904)
	if err != nil {
		return v
	}
	return record.DateOf(t).String()
}
