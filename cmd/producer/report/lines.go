package report

import (
	"encoding/csv"
	"io"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
)

// writeCSV writes one table (RFC 4180), which begins with a byte order mark,
// because without one spreadsheets take UTF-8 for something else.
func writeCSV(w io.Writer, b *book) error {
	if _, err := io.WriteString(w, "\xef\xbb\xbf"); err != nil {
		return err
	}
	g := newGrid(b.tables)
	out := csv.NewWriter(w)
	out.UseCRLF = true
	heads := make([]string, len(g.heads))
	for i, h := range g.heads {
		heads[i] = guarded(h)
	}
	if err := out.Write(heads); err != nil {
		return err
	}
	for r, err := range b.rows {
		if err != nil {
			return err
		}
		if err := out.Write(g.cells(r, r.Table-1)); err != nil {
			return err
		}
	}
	out.Flush()
	return out.Error()
}

// writeNDJSON writes one object a line, the providers as results have them,
// and the columns of a roster as they were.
func writeNDJSON(w io.Writer, b *book) error {
	out := jsontext.NewEncoder(w)
	for r, err := range b.rows {
		if err != nil {
			return err
		}
		line := struct {
			Row      `json:",inline"`
			Original jsontext.Value `json:"original,omitzero"`
		}{Row: *r}
		if r.Table > 0 {
			if line.Original, err = original(b.tables[r.Table-1], r.Cells); err != nil {
				return err
			}
		}
		if err := json.MarshalEncode(out, line, json.Deterministic(true)); err != nil {
			return err
		}
	}
	return nil
}

// original is a roster's row as an object, in the order of its columns.
func original(header, cells []string) (jsontext.Value, error) {
	v := []byte{'{'}
	for i, h := range header {
		if i >= len(cells) {
			break
		}
		if i > 0 {
			v = append(v, ',')
		}
		var err error
		if v, err = jsontext.AppendQuote(v, h); err != nil {
			return nil, err
		}
		if v, err = jsontext.AppendQuote(append(v, ':'), cells[i]); err != nil {
			return nil, err
		}
	}
	return append(v, '}'), nil
}
