package bulk

import (
	"archive/zip"
	"bufio"
	"errors"
	"fmt"
	"io"
	"os"
	"sync/atomic"

	"github.com/klauspost/compress/flate"

	"github.com/npiflow/npiflow/internal/record"
)

// part is one table of a shipment, where it lies.
type part struct {
	path     string // on disk
	name     string // base name, of the member if path is a zip
	index    int    // of the member; -1 if path is the table itself
	bytes    int64  // on disk
	sheet    bool   // a workbook, not a CSV
	table    *table
	from, to record.Date
}

// open gives the table's bytes, inflated. What is read from disk is added to
// n.
func (p *part) open(n *atomic.Int64) (io.ReadCloser, error) {
	file, err := os.Open(p.path)
	if err != nil {
		return nil, fmt.Errorf("open a file of the registry: %w", err)
	}
	if p.index < 0 {
		return opened{&counted{file, n}, file}, nil
	}
	z, err := archive(file, n)
	if err != nil {
		file.Close()
		return nil, err
	}
	if p.index >= len(z.File) {
		file.Close()
		return nil, fmt.Errorf("open %s: the zip is another one than a moment ago", p.name)
	}
	member, err := z.File[p.index].Open()
	if err != nil {
		file.Close()
		return nil, fmt.Errorf("open %s: %w", p.name, err)
	}
	return opened{member, file}, nil
}

// opened closes the file as well; a member holds nothing of its own.
type opened struct {
	io.Reader
	io.Closer
}

// archive reads the directory of a zip. Members are inflated by a decoder that
// takes three quarters of the library's time, and their checksums compared at
// their end, as the library does. Their bytes on disk are added to n.
func archive(file *os.File, n *atomic.Int64) (*zip.Reader, error) {
	stat, err := file.Stat()
	if err != nil {
		return nil, fmt.Errorf("open a zip: %w", err)
	}
	z, err := zip.NewReader(file, stat.Size())
	if err != nil {
		return nil, fmt.Errorf("its directory, which stands at the end, is missing or damaged (%w): download it again", err)
	}
	z.RegisterDecompressor(zip.Store, func(r io.Reader) io.ReadCloser { return io.NopCloser(&counted{r, n}) })
	z.RegisterDecompressor(zip.Deflate, func(r io.Reader) io.ReadCloser {
		return flate.NewReader(bufio.NewReaderSize(&counted{r, n}, 256<<10))
	})
	return z, nil
}

// counted adds what is read to n.
type counted struct {
	r io.Reader
	n *atomic.Int64
}

func (c *counted) Read(b []byte) (int, error) {
	n, err := c.r.Read(b)
	c.n.Add(int64(n))
	return n, err
}

// unsupported says whether a member cannot be read because of how it was
// packed.
func unsupported(err error) bool { return errors.Is(err, zip.ErrAlgorithm) }
