package bulk

import "unsafe"

// cells are the texts of one row, by the place their column has in the table
// we know, whatever place it has in the file.
type cells struct {
	text    []string // "" where the field is empty, a placeholder, or not there
	used    []int16  // places in text that are not ""
	highest int      // of those
	scratch []byte   // texts that could not stay as they are in the file
}

// take puts the fields of a row that was scanned in b into their places.
func (c *cells) take(b []byte, fields []field, p *plan) {
	for _, at := range c.used {
		c.text[at] = ""
	}
	c.used, c.scratch, c.highest = c.used[:0], c.scratch[:0], 0
	for _, f := range fields {
		at := p.places[f.column]
		if at < 0 {
			continue
		}
		text := b[f.start:f.end]
		if f.odd || f.doubled || text[0] == ' ' || text[len(text)-1] == ' ' {
			start := len(c.scratch)
			c.scratch = appendClean(c.scratch, text, f.doubled)
			text = c.scratch[start:]
		}
		if len(text) == 0 || placeholder(text, p.columns[at].placeholders) {
			continue
		}
		c.text[at] = view(text)
		c.used = append(c.used, at)
		c.highest = max(c.highest, int(at))
	}
}

// placeholder says whether a text only stands for there being none. CMS
// writes <UNAVAIL> for what it does not publish; providers write the others,
// in fields that may be left empty.
func placeholder(text []byte, also bool) bool {
	switch len(text) {
	case 2:
		return also && string(text) == "--"
	case 4:
		return also && string(text) == "NONE"
	case 9:
		return text[0] == '<' && string(text) == "<UNAVAIL>"
	}
	return false
}

// view gives the bytes as a string without copying them: the one place where
// that is done. The bytes are the stream's block or the scratch of the row,
// and neither is written to before the sink has returned from the row; that is
// why a Sink must copy what it keeps. Half of the time per row would otherwise
// go into strings that most sinks only look at.
func view(b []byte) string {
	return unsafe.String(unsafe.SliceData(b), len(b))
}
