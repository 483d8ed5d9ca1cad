package corpus

import (
	"archive/zip"
	"fmt"
	"io"
	"slices"

	"github.com/npiflow/npiflow/internal/record"
	"github.com/xuri/excelize/v2"
)

// DeactivationsName is CMS's name of the deactivated NPI report of a day.
func DeactivationsName(o Options, asOf record.Date) string {
	return fmt.Sprintf("NPPES_Deactivated_NPI_Report_%s%s.zip", dayOf(asOf).time().Format("010206"), o.version())
}

// Deactivations writes the zip with the one workbook: every stub of the
// monthly file that was deactivated by asOf, newest first, and about 2 % more
// NPIs (Census.New) that are in no other file, as in CMS's.
func Deactivations(w io.Writer, o Options, asOf record.Date) (Census, error) {
	if err := o.check(); err != nil {
		return Census{}, err
	}
	list, census := o.deactivated(dayOf(asOf))
	z := newZip(w)
	name := "NPPES Deactivated NPI Report " + dayOf(asOf).time().Format("20060102") + ".xlsx"
	f, err := z.CreateHeader(&zip.FileHeader{Name: name, Method: zip.Deflate, Modified: (dayOf(asOf) + 1).time()})
	if err != nil {
		return census, fmt.Errorf("write the report: %w", err)
	}
	if err := workbook(f, list, asOf); err != nil {
		return census, fmt.Errorf("write the report: %w", err)
	}
	if err := z.Close(); err != nil {
		return census, fmt.Errorf("write the report: %w", err)
	}
	return census, nil
}

type deactivation struct {
	npi record.NPI
	on  day
}

func (o Options) deactivated(asOf day) ([]deactivation, Census) {
	var list []deactivation
	m := newMaker(o)
	for i := range o.Rows {
		if !isStub(o.Seed, i) {
			continue
		}
		if p := m.provider(i); p.deactivated <= asOf {
			list = append(list, deactivation{p.npi, p.deactivated})
		}
	}
	census := Census{Stubs: len(list)}
	d := dice{newRand(o.Seed, 3)}
	for k := range len(list)/50 + 1 {
		list = append(list, deactivation{NPI(o, unlisted+k), d.recent(epoch+1, min(asOf, o.asOf()))})
		census.New++
	}
	census.Rows = len(list)
	slices.SortStableFunc(list, func(a, b deactivation) int { return int(b.on - a.on) })
	return list, census
}

// unlisted is the first index of those that are in the report alone.
const unlisted = 99_000_000

// workbook writes a title, a header, and text cells.
func workbook(w io.Writer, list []deactivation, asOf record.Date) error {
	f := excelize.NewFile()
	defer f.Close() //nolint:errcheck // it removes temporary files; the workbook is written by then
	s, err := f.NewStreamWriter("Sheet1")
	if err != nil {
		return err
	}
	title := "NPPES Deactivated NPI Report as of " + dayOf(asOf).time().Format("January 2, 2006")
	rows := [][]any{{title}, {"NPI", "NPPES Deactivation Date"}}
	for i, cells := range rows {
		if err := s.SetRow(fmt.Sprintf("A%d", i+1), cells); err != nil {
			return err
		}
	}
	for i, d := range list {
		if err := s.SetRow(fmt.Sprintf("A%d", i+3), []any{d.npi.String(), d.on.time().Format("01/02/2006")}); err != nil {
			return err
		}
	}
	if err := s.Flush(); err != nil {
		return err
	}
	_, err = f.WriteTo(w)
	return err
}
