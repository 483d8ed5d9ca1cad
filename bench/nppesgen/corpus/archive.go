package corpus

import (
	"archive/zip"
	"fmt"
	"io"
	"iter"

	"github.com/klauspost/compress/flate"
)

// archive is a dissemination zip: four files and their headers, and two
// documents.
type archive struct {
	w        io.Writer
	o        Options
	from, to day // the A and the B of the members' names
}

// chunk is how many bytes of rows are given to the compressor at once.
const chunk = 64 << 10

// write goes through the providers once for each of the four files.
func (a archive) write(providers iter.Seq[*provider], progress func(rows int)) (Census, error) {
	z := newZip(a.w)
	main, other := "npidata", "othername"
	if a.o.V1 {
		main, other = "npidata_v1", "othername_v1"
	}
	census := Census{}
	counted := func(yield func(*provider) bool) {
		for p := range providers {
			census.count(p)
			if progress != nil && census.Rows%4096 == 0 {
				progress(census.Rows)
			}
			if !yield(p) {
				return
			}
		}
	}
	for _, m := range []struct {
		name, header string
		rows         iter.Seq[*provider]
		append       func([]byte, *provider) []byte
	}{
		{"npidata", main, counted, appendMain},
		{"othername", other, providers, appendOtherNames(!a.o.V1)},
		{"pl", "pl", providers, appendLocations},
		{"endpoint", "endpoint", providers, appendEndpoints},
	} {
		name := fmt.Sprintf("%s_pfile_%s-%s", m.name, a.from.time().Format("20060102"), a.to.time().Format("20060102"))
		if err := a.member(z, name+".csv", header(m.header), m.rows, m.append); err != nil {
			return census, err
		}
		if err := a.member(z, name+"_fileheader.csv", header(m.header), none, m.append); err != nil {
			return census, err
		}
	}
	for _, name := range []string{"NPPES_Data_Dissemination_Readme_v.2.pdf", "NPPES_Data_Dissemination_CodeValues.pdf"} {
		if err := a.member(z, name, []byte(document), none, nil); err != nil {
			return census, err
		}
	}
	if progress != nil {
		progress(census.Rows)
	}
	if err := z.Close(); err != nil {
		return census, fmt.Errorf("write the zip's directory: %w", err)
	}
	return census, nil
}

// document stands where CMS has a readme.
const document = "%PDF-1.4\n% no document, only its place\n%%EOF\n"

func none(func(*provider) bool) {}

func (a archive) member(z *zip.Writer, name string, start []byte, providers iter.Seq[*provider], row func([]byte, *provider) []byte) error {
	w, err := z.CreateHeader(&zip.FileHeader{Name: name, Method: zip.Deflate, Modified: (a.to + 1).time()})
	if err != nil {
		return fmt.Errorf("write %s: %w", name, err)
	}
	b := append(make([]byte, 0, chunk+32<<10), start...)
	for p := range providers {
		if b = row(b, p); len(b) < chunk {
			continue
		}
		if _, err := w.Write(b); err != nil {
			return fmt.Errorf("write %s: %w", name, err)
		}
		b = b[:0]
	}
	if _, err := w.Write(b); err != nil {
		return fmt.Errorf("write %s: %w", name, err)
	}
	return nil
}

func newZip(w io.Writer) *zip.Writer {
	z := zip.NewWriter(w)
	z.RegisterCompressor(zip.Deflate, func(w io.Writer) (io.WriteCloser, error) { return flate.NewWriter(w, 6) })
	return z
}
