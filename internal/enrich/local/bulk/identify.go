package bulk

import (
	"cmp"
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"regexp"
	"strings"
	"sync/atomic"

	"github.com/npiflow/npiflow/internal/record"
)

// ofCMS is how CMS names the tables of a shipment.
var ofCMS = regexp.MustCompile(`(?i)^(npidata|othername|pl|endpoint)_pfile_(\d{8})-(\d{8})\.csv$`)

// recognize finds out which table the part is, and the days it stands for.
func (p *part) recognize() error {
	src, err := p.open(new(atomic.Int64))
	if err != nil {
		return packed(err)
	}
	defer src.Close()
	if p.sheet {
		p.table = deactivations
		err = workbookHeader(src)
	} else {
		err = p.header(src)
	}
	if err != nil {
		return packed(err)
	}
	return p.days()
}

func packed(err error) error {
	if unsupported(err) {
		return fmt.Errorf("it is packed in a way that is not read here (%w): unpack it and give the plain files", err)
	}
	return err
}

// days reads the days a table stands for from its name.
func (p *part) days() error {
	m := ofCMS.FindStringSubmatch(p.name)
	switch {
	case p.table == deactivations:
		p.to = cmp.Or(dayIn(p.name), dayIn(filepath.Base(p.path)))
		if p.to == 0 {
			return errors.New("its name does not say of which day it is: rename it to CMS's own name, \"NPPES Deactivated NPI Report YYYYMMDD.xlsx\"")
		}
	case p.table.stem == "":
	case m == nil:
		return fmt.Errorf("its name does not say of which days it is: rename it to CMS's own name %s_pfile_YYYYMMDD-YYYYMMDD.csv", p.table.stem)
	default:
		p.from, p.to = day(m[2]), day(m[3])
		if p.from == 0 || p.to < p.from {
			return errors.New("the days in its name are none of the calendar, or in the wrong order")
		}
	}
	return nil
}

var (
	eightDigits = regexp.MustCompile(`(?:^|\D)(\d{8})(?:\D|$)`)
	sixDigits   = regexp.MustCompile(`(?:^|\D)(\d{6})(?:\D|$)`)
)

// dayIn finds YYYYMMDD in a name, or else MMDDYY.
func dayIn(name string) record.Date {
	if m := eightDigits.FindStringSubmatch(name); m != nil {
		return day(m[1])
	}
	if m := sixDigits.FindStringSubmatch(name); m != nil {
		return day("20" + m[1][4:] + m[1][:4])
	}
	return 0
}

// header finds the table a CSV is by its first rows.
func (p *part) header(src io.Reader) error {
	start := make([]byte, 2*maxRow)
	n, err := fill(src, start)
	if err != nil && err != io.EOF {
		return fmt.Errorf("its header cannot be read (%w): download it again", err)
	}
	lines := &scanner{data: start[:n], end: io.EOF, line: 1}
	var best guess
	for i := range deactivations.titles + 1 {
		names, err := lines.names()
		if err != nil {
			break
		}
		best = best.or(p.name, names, i)
		if best.table != nil && len(best.missing) == 0 {
			p.table = best.table
			return nil
		}
	}
	switch {
	case best.columns == 0:
		return errors.New("it has no header: download it again")
	case best.table == nil:
		return fmt.Errorf("it has %d columns and is none of the tables known here: give the files as CMS, the OIG or the NUCC ship them", best.columns)
	}
	return fmt.Errorf("it is the table of %s, but %s: give the file as it was shipped", best.table.what, lacks(best.missing))
}

// guess is the table a header comes nearest to.
type guess struct {
	table   *table
	missing []string
	found   int
	columns int // of the longest row seen
}

// or compares with what a row of names would make of the file. A name that CMS
// gives decides; else a table must be there by more than half.
func (g guess) or(file string, names []string, row int) guess {
	g.columns = max(g.columns, len(names))
	m := ofCMS.FindStringSubmatch(file)
	for _, t := range tables {
		if row > t.titles || m != nil && !strings.EqualFold(m[1], t.stem) {
			continue
		}
		_, missing := t.plan(names)
		if found := len(t.columns) - len(missing); m != nil || found > g.found && 2*found > len(t.columns) {
			g.table, g.missing, g.found = t, missing, found
		}
	}
	return g
}
