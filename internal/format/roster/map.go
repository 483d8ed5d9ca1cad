package roster

import (
	"errors"
	"fmt"
	"strconv"
	"strings"

	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/parser"
	"github.com/goccy/go-yaml/token"

	"github.com/npiflow/npiflow/internal/record"
)

// Map says what the columns of a roster hold, where recognition would not
// know or would be wrong; what it does not name is recognized as ever. The
// zero value overrides nothing. In YAML:
//
//	columns:                # a column by its header, or by its number, from 1
//	  Provider No: npi
//	  7: group_npi
//	  Notes: ignore
//	header_row: 3           # the line of the header; none: the file has no header
//	delimiter: "|"          # one character, or tab
//	sheet: Providers        # of a workbook
//	constants:              # what every row says whose own cell is empty or missing
//	  organization_name: Example Medical Group
type Map struct {
	Headers   map[string]Field // by the small letters and digits of the header
	Numbers   map[int]Field
	HeaderRow int // 0: found by itself
	NoHeader  bool
	Delimiter byte // 0: found by itself
	Sheet     string
	Constants map[Field]string
}

// override puts what the map says in place of what was recognized.
func (m *Map) override(l *layout) {
	if m == nil {
		return
	}
	for i := range l.columns {
		f, ok := m.Numbers[i+1]
		if n := letters(l.cells[i]); !ok && n != "" {
			f, ok = m.Headers[n]
		}
		if ok {
			l.columns[i] = column{meaning: meaning{field: f}, number: number(letters(l.cells[i])), exact: true, mapped: true}
		}
	}
}

// before reports whether a line is above the header that the map tells of.
func (m *Map) before(line int) bool { return m != nil && line < m.HeaderRow }

// decided reports whether the map tells where the header is.
func (m *Map) decided() bool { return m != nil && (m.NoHeader || m.HeaderRow > 0) }

// missing refuses a file that lacks a column of the map: to read on without it
// would be to leave out what somebody took the trouble to name.
func (m *Map) missing(l *layout) error {
	if m == nil {
		return nil
	}
	have := map[string]bool{}
	for _, h := range l.cells {
		have[letters(h)] = true
	}
	for h := range m.Headers {
		if !have[h] {
			return refused(l.line, fmt.Sprintf("the map names a header that is not here, made of the letters and digits %.80q", h))
		}
	}
	for n := range m.Numbers {
		if n > len(l.columns) {
			return refused(l.line, fmt.Sprintf("the map names column %d, and there are %d", n, len(l.columns)))
		}
	}
	return nil
}

// ParseMap reads a map. The error joins a record.Fault for each thing that is
// wrong with it.
func ParseMap(data []byte) (*Map, error) {
	file, err := parser.ParseBytes(data, 0)
	if err != nil {
		return nil, notYAML(err)
	}
	p := &mapReader{m: &Map{Headers: map[string]Field{}, Numbers: map[int]Field{}, Constants: map[Field]string{}}}
	for _, doc := range file.Docs {
		if doc.Body != nil {
			p.pairs(doc.Body, "the map", p.top)
		}
	}
	if len(p.faults) == 0 && p.m.empty() {
		p.faults = append(p.faults, record.Fault{Reason: "the map says nothing; it may have " + topKeys})
	}
	if len(p.faults) > 0 {
		return nil, errors.Join(p.faults...)
	}
	return p.m, nil
}

func (m *Map) empty() bool {
	return len(m.Headers)+len(m.Numbers)+len(m.Constants)+m.HeaderRow == 0 && !m.NoHeader && m.Delimiter == 0 && m.Sheet == ""
}

const topKeys = "columns, header_row, delimiter, sheet and constants"

// notYAML keeps the message and the place, and leaves out the excerpt.
func notYAML(err error) error {
	var e yaml.Error
	if !errors.As(err, &e) {
		return record.Fault{Reason: "the map is not YAML"}
	}
	return record.Fault{Where: spot(e.GetToken()), Reason: "not YAML: " + e.GetMessage()}
}

func spot(t *token.Token) string {
	if t == nil || t.Position == nil {
		return "the map"
	}
	return where(t.Position.Line, t.Position.Column)
}

// mapReader walks the syntax tree of a map, because a decoder stops at the
// first fault.
type mapReader struct {
	m      *Map
	faults []error
}

func (p *mapReader) fault(at ast.Node, format string, args ...any) {
	p.faults = append(p.faults, record.Fault{Where: spot(at.GetToken()), Reason: fmt.Sprintf(format, args...)})
}

// pairs gives each key of a mapping with its value.
func (p *mapReader) pairs(node ast.Node, what string, each func(key string, pair *ast.MappingValueNode)) {
	switch n := node.(type) {
	case *ast.NullNode, *ast.CommentGroupNode:
	case *ast.MappingNode:
		for _, pair := range n.Values {
			each(pair.Key.GetToken().Value, pair)
		}
	case *ast.MappingValueNode:
		each(n.Key.GetToken().Value, n)
	default:
		p.fault(node, "%s holds keys and values; write one below it on each line", what)
	}
}

func (p *mapReader) top(key string, pair *ast.MappingValueNode) {
	switch key {
	case "columns":
		p.pairs(pair.Value, key, p.column)
	case "constants":
		p.pairs(pair.Value, key, p.constant)
	case "header_row":
		p.headerRow(pair)
	case "delimiter":
		p.delimiter(pair)
	case "sheet":
		p.m.Sheet, _ = p.scalar(pair)
	default:
		p.fault(pair.Key, "%.80q: no such key; there are %s", key, topKeys)
	}
}

func (p *mapReader) headerRow(pair *ast.MappingValueNode) {
	text, ok := p.scalar(pair)
	n, err := strconv.Atoi(text)
	switch {
	case !ok:
	case text == "none":
		p.m.NoHeader = true
	case err != nil || n < 1 || n > titles:
		p.fault(pair.Value, "header_row: write a line from 1 to %d, or none", titles)
	default:
		p.m.HeaderRow = n
	}
}

func (p *mapReader) delimiter(pair *ast.MappingValueNode) {
	text, ok := p.scalar(pair)
	if text == "tab" || text == `\t` {
		text = "\t"
	}
	switch {
	case !ok:
	case len(text) != 1 || strings.Contains("\"\r\n\x00", text) || text[0] >= 0x80:
		p.fault(pair.Value, "delimiter: write one character, or tab")
	default:
		p.m.Delimiter = text[0]
	}
}

// column reads what one column holds.
func (p *mapReader) column(key string, pair *ast.MappingValueNode) {
	name, ok := p.scalar(pair)
	if !ok {
		return
	}
	f, ok := fieldOf(name)
	if !ok {
		p.fault(pair.Value, "%.80q: no such field; there are %s", name, strings.Join(fieldNames[:], ", "))
		return
	}
	if _, number := pair.Key.(*ast.IntegerNode); number {
		n, err := strconv.Atoi(key)
		if err != nil || n < 1 || n > maxColumns {
			p.fault(pair.Key, "columns are numbered from 1 to %d", maxColumns)
			return
		}
		p.m.Numbers[n] = f
		return
	}
	if letters(key) == "" {
		p.fault(pair.Key, "a header without letters and digits; name the column by its number")
		return
	}
	if _, twice := p.m.Headers[letters(key)]; twice {
		p.fault(pair.Key, "this header stands in the map before; case, blanks and signs do not tell two apart")
		return
	}
	p.m.Headers[letters(key)] = f
}

// maxColumns is how many columns a sheet of Excel's can have.
const maxColumns = 16384

// constant reads what every row says.
func (p *mapReader) constant(key string, pair *ast.MappingValueNode) {
	f, ok := fieldOf(key)
	text, plain := p.scalar(pair)
	text = said(text)
	switch {
	case !plain:
	case !ok:
		p.fault(pair.Key, "%.80q: no such field; there are %s", key, strings.Join(fieldNames[:], ", "))
	case f == None, f == RowID, f.npi() && f != GroupNPI, f.numbered() && f != Taxonomy:
		p.fault(pair.Key, "%s is not the same in every row; name its column instead", key)
	case text == "" || len(text) > maxText:
		p.fault(pair.Value, "%s: write a text of 1 to %d bytes", key, maxText)
	case f == Taxonomy && !isTaxonomy(text):
		p.fault(pair.Value, "%s: not a taxonomy code; a code is ten letters and digits, the last an X", key)
	default:
		p.m.Constants[f] = text
	}
}

func isTaxonomy(text string) bool {
	code, ok := taxonomyCode(text)
	return ok && code == text
}

func (p *mapReader) scalar(pair *ast.MappingValueNode) (string, bool) {
	switch n := pair.Value.(type) {
	case *ast.StringNode:
		return n.Value, true
	case *ast.IntegerNode, *ast.FloatNode, *ast.BoolNode:
		return n.GetToken().Value, true
	}
	p.fault(pair.Value, "not a plain value; write it on the line of its key")
	return "", false
}
