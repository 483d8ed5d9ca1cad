package bulk

import (
	"cmp"
	"errors"
	"fmt"
	"slices"

	"github.com/npiflow/npiflow/internal/record"
)

// shipment makes one File of the tables in a zip.
func shipment(name string, parts []part) (*File, error) {
	if len(parts) == 0 {
		return nil, errors.New("it is a zip without npidata_pfile: give the zip as CMS ships it")
	}
	slices.SortStableFunc(parts, inTables)
	first := parts[0]
	if first.table.stem != "" && first.table != providers {
		return nil, fmt.Errorf("it is a zip without npidata_pfile: there is only %s", first.name)
	}
	for i, p := range parts[1:] {
		switch {
		case p.from != first.from || p.to != first.to || p.table.stem == "":
			return nil, fmt.Errorf("mixed months: %s and %s do not belong together: give each shipment as it was made", first.name, p.name)
		case p.table == parts[i].table:
			return nil, fmt.Errorf("it has two tables of %s: %s twice", p.table.what, p.name)
		}
	}
	return newFile(name, parts), nil
}

// inTables orders parts as they are read.
func inTables(a, b part) int {
	return cmp.Compare(slices.Index(tables, a.table), slices.Index(tables, b.table))
}

func newFile(name string, parts []part) *File {
	f := &File{Kind: kindOf(&parts[0]), Name: name, From: parts[0].from, To: parts[0].to, parts: parts}
	for _, p := range parts {
		f.Bytes += p.bytes
	}
	return f
}

func kindOf(p *part) Kind {
	switch p.table {
	case deactivations:
		return Deactivations
	case exclusions:
		return Exclusions
	case taxonomies:
		return Taxonomies
	}
	if p.from == firstDay {
		return Full
	}
	return Weekly
}

// unpacked makes Files of plain tables. CMS's go together by their days; any
// other is a shipment of its own.
func unpacked(parts []part) (files []*File, err error) {
	type days struct{ from, to record.Date }
	groups := map[days][]part{}
	var errs []error
	for _, p := range parts {
		if p.table.stem == "" {
			files = append(files, newFile(p.name, []part{p}))
			continue
		}
		d := days{p.from, p.to}
		groups[d] = append(groups[d], p)
	}
	for _, group := range groups {
		slices.SortStableFunc(group, inTables)
		if group[0].table != providers {
			errs = append(errs, fmt.Errorf("recognize %s: mixed months: there is no npidata_pfile of the same days: give it, too", group[0].name))
			continue
		}
		f, err := shipment(group[0].name, group)
		if err != nil {
			errs = append(errs, fmt.Errorf("recognize %s: %w", group[0].name, err))
			continue
		}
		files = append(files, f)
	}
	return files, errors.Join(errs...)
}
