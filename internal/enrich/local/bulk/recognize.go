package bulk

import (
	"archive/zip"
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"sync/atomic"

	"github.com/npiflow/npiflow/internal/record"
)

// firstDay is the day CMS's full files begin with: the first on which there
// were NPIs.
const firstDay record.Date = 2005_05_23

// Recognize says what the files at the paths are, by name and content, and
// gives them in the order in which they are to be applied: by the day they
// stand for, and of the same day as the kinds are listed. Plain files of the
// same days are one File, as the members of a zip are. What only describes
// others (header files, documents) is passed over. The error names every file
// that is none of ours, what it is and what to do.
func Recognize(paths ...string) ([]*File, error) {
	var files []*File
	var plain []part
	var errs []error
	for _, p := range paths {
		parts, zipped, err := look(p)
		switch {
		case err != nil:
			errs = append(errs, fmt.Errorf("recognize %s: %w", filepath.Base(p), err))
		case zipped:
			f, err := shipment(filepath.Base(p), parts)
			if err != nil {
				errs = append(errs, fmt.Errorf("recognize %s: %w", filepath.Base(p), err))
				continue
			}
			files = append(files, f)
		default:
			plain = append(plain, parts...)
		}
	}
	unpacked, err := unpacked(plain)
	files, errs = append(files, unpacked...), append(errs, err)
	slices.SortStableFunc(files, inOrder)
	errs = append(errs, twice(files))
	if err := errors.Join(errs...); err != nil {
		return nil, err
	}
	if len(files) == 0 {
		return nil, errors.New("recognize the files: there are none but header files and documents")
	}
	return files, nil
}

var kinds = []Kind{Full, Weekly, Deactivations, Exclusions, Taxonomies}

func inOrder(a, b *File) int {
	return cmp.Or(cmp.Compare(a.To, b.To), cmp.Compare(slices.Index(kinds, a.Kind), slices.Index(kinds, b.Kind)), cmp.Compare(a.From, b.From))
}

// twice refuses a shipment that was given twice.
func twice(files []*File) error {
	for i := range files[:max(len(files)-1, 0)] {
		a, b := files[i], files[i+1]
		if a.Kind == b.Kind && a.From == b.From && a.To == b.To {
			return fmt.Errorf("recognize %s: it is of the same days as %s (%s): give one of them", b.Name, a.Name, a.Kind)
		}
	}
	return nil
}

// look opens a path and gives the tables it holds.
func look(name string) (parts []part, zipped bool, err error) {
	file, err := os.Open(name)
	if err != nil {
		return nil, false, err
	}
	defer file.Close()
	stat, err := file.Stat()
	switch {
	case err != nil:
		return nil, false, err
	case stat.IsDir():
		return nil, false, errors.New("it is a folder: name the files in it")
	case described(name):
		return nil, false, nil
	case stat.Size() == 0:
		return nil, false, errors.New("it is empty: download it again")
	}
	p := part{path: name, name: filepath.Base(name), index: -1, bytes: stat.Size()}
	start := make([]byte, 32) // no more: a stray zero byte further on is only a bad row
	n, _ := file.ReadAt(start, 0)
	switch start = start[:n]; {
	case bytes.HasPrefix(start, []byte("PK")):
		return members(file, p)
	case strings.EqualFold(filepath.Ext(name), ".zip"):
		return nil, false, fmt.Errorf("it is named like a zip and is %s: download it again", looksLike(start))
	case looksLike(start) != "text":
		return nil, false, fmt.Errorf("it is %s: give the zip, csv or xlsx as CMS, the OIG or the NUCC ship it", looksLike(start))
	}
	if err := p.recognize(); err != nil {
		return nil, false, err
	}
	return []part{p}, false, nil
}

// described says whether a file only describes others.
func described(name string) bool {
	name = strings.ToLower(path.Base(filepath.ToSlash(name)))
	return strings.Contains(name, "fileheader") || strings.HasSuffix(name, ".pdf") || strings.HasPrefix(name, "._")
}

// looksLike says what the first bytes of a file are the beginning of.
func looksLike(start []byte) string {
	trimmed := bytes.TrimSpace(start)
	switch {
	case bytes.HasPrefix(trimmed, []byte("<")):
		return "a web page"
	case bytes.HasPrefix(start, []byte{0x1f, 0x8b}):
		return "compressed by gzip"
	case bytes.HasPrefix(start, []byte{0xd0, 0xcf, 0x11, 0xe0}):
		return "a workbook of the old kind (xls)"
	case bytes.IndexByte(start, 0) >= 0:
		return "neither text nor a zip"
	}
	return "text"
}

// members gives the tables in a zip; a workbook is a zip, too.
func members(file *os.File, p part) ([]part, bool, error) {
	z, err := archive(file, new(atomic.Int64))
	if err != nil {
		return nil, false, err
	}
	if slices.ContainsFunc(z.File, func(m *zip.File) bool { return m.Name == "xl/workbook.xml" }) {
		p.sheet = true
		err := p.recognize()
		return []part{p}, false, err
	}
	var parts []part
	for i, m := range z.File {
		ext := strings.ToLower(path.Ext(m.Name))
		if described(m.Name) || ext != ".csv" && ext != ".xlsx" {
			continue
		}
		p := part{path: p.path, name: path.Base(m.Name), index: i, bytes: int64(m.CompressedSize64), sheet: ext == ".xlsx"}
		if err := p.recognize(); err != nil {
			return nil, false, fmt.Errorf("%s: %w", p.name, err)
		}
		parts = append(parts, p)
	}
	return parts, true, nil
}
