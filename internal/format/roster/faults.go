package roster

import (
	"strconv"

	"github.com/npiflow/npiflow/internal/record"
)

// kind is a sort of fault. A roster of a million rows has a fault a million
// times, so each kind is said a few times and counted from then on.
type kind uint8

const (
	fewCells kind = iota
	manyCells
	nulBytes
	loneQuote
	longLine
	longText
	lostDigits
	trailingPoint
	textMark
	serialDate
	badDate
	shortYear
	backwards
	badType
	badTaxonomy
	badAction
	badTIN
	lostZero
	otherEncoding
	usedID
	badID
	manyIDs
	emptyRow
	twiceNamed
	twiceMeant
	patients
	badEncoding
	kinds
)

// A kind said often tells where to look; said once, what sort of file this is.
const (
	often = 20
	once  = 1
)

var reasons = [kinds]struct {
	text  string
	limit int
	lost  bool
}{
	fewCells:      {text: "the row has fewer cells than the header; those that are missing count as empty", limit: often},
	manyCells:     {text: "the row has more cells than the header, so they may stand under the wrong headers; only its NPIs are read: look for a separator inside a cell, and put quotation marks around it", limit: often},
	nulBytes:      {text: "NUL bytes, which are left out; the file was damaged, or is not text all through", limit: often},
	loneQuote:     {text: "quotation marks that do not pair; the line is read as if they were ordinary characters", limit: often},
	longLine:      {text: "the line has more than 1 MiB and is skipped: this is hardly a row", limit: often, lost: true},
	longText:      {text: "the cell has more than 512 bytes and is not read", limit: often},
	lostDigits:    {text: "a spreadsheet shortened this number to the form 1.2E+09, and the other digits are lost: format the column as text at the source, and export again", limit: often},
	trailingPoint: {text: "numbers end in .0, as a spreadsheet or a conversion leaves them; it is taken off, in the whole file", limit: once},
	textMark:      {text: "an apostrophe or an equals sign marks numbers as text, as spreadsheets do; it is taken off, in the whole file", limit: once},
	serialDate:    {text: "dates stand as a spreadsheet's count of days; they are read as such, in the whole file", limit: once},
	badDate:       {text: "not a day that can be read, so it is left out: write 2026-01-31, 1/31/2026 or 20260131", limit: often},
	shortYear:     {text: "a year of two digits may be of either century, so the date is left out: write all four", limit: often},
	backwards:     {text: "the row ends before it takes effect, so neither date is read", limit: often},
	badType:       {text: "not a type of NPI, so it is left out: write 1 or 2", limit: often},
	badTaxonomy:   {text: "not a taxonomy code, so it is left out: a code is ten letters and digits, the last an X", limit: often},
	badAction:     {text: "not an action that is known, so it is left out: write add, change or term", limit: often},
	badTIN:        {text: "written as a social security number, so it is not read as a tax identification number", limit: often},
	lostZero:      {text: "postal codes have lost their leading zero, as in a spreadsheet's numbers; it is put back, in the whole file", limit: once},
	otherEncoding: {text: "not UTF-8; cells that are not are read as Windows-1252 (Latin-1), in the whole file", limit: once},
	usedID:        {text: "another row has this id already; the row is called by its line", limit: often},
	badID:         {text: "empty, longer than 256 bytes or with control characters, so it cannot be an id; the row is called by its line", limit: often},
	manyIDs:       {text: "more ids than can be kept apart; from here on rows are called by their line", limit: once},
	emptyRow:      {text: "neither an NPI nor a name in the columns that are read: this is no provider's row, and it is skipped", limit: often},
	twiceNamed:    {text: "an earlier column has the same header, and the first counts", limit: often},
	twiceMeant:    {text: "another column means the same and counts instead, unless a map says otherwise", limit: often},
	patients:      {text: "the file has columns of patients or members, so names, addresses and ids are only read where the header says that they are the provider's", limit: once},
	badEncoding:   {text: "not text in UTF-16 all through; what cannot be read is replaced", limit: once},
}

// report says faults, and counts those that it does not say again.
type report struct {
	to   func(record.Fault)
	said [kinds]int
}

// say says a fault of a row; a column counts from 1, and 0 is the whole row.
func (r *report) say(k kind, line, column int) {
	r.said[k]++
	if r.to == nil || r.said[k] > reasons[k].limit && !reasons[k].lost {
		return
	}
	r.to(record.Fault{Where: where(line, column), Reason: reasons[k].text, Lost: reasons[k].lost})
}

// end says how often those faults occurred that were not said each time.
func (r *report) end() {
	for k, n := range r.said {
		more := n - reasons[k].limit
		if r.to == nil || reasons[k].limit == once || reasons[k].lost || more <= 0 {
			continue
		}
		r.to(record.Fault{Where: strconv.Itoa(more) + " more places", Reason: reasons[k].text})
	}
}

func where(line, column int) string { return string(appendPlace(nil, line, column)) }

// appendPlace appends "line 7, column 3".
func appendPlace(b []byte, line, column int) []byte {
	b = strconv.AppendInt(append(b, "line "...), int64(line), 10)
	if column > 0 {
		b = strconv.AppendInt(append(b, ", column "...), int64(column), 10)
	}
	return b
}

// refused is why a file cannot be read as a roster.
func refused(line int, reason string) error {
	f := record.Fault{Reason: reason, Lost: true}
	if line > 0 {
		f.Where = where(line, 0)
	}
	return f
}
