package roster

import (
	"strings"
	"unicode"
)

// maxIDs bounds the ids that are kept apart.
const maxIDs = 1 << 20

// id is the record's: the row's own where it has a sound one that no row had
// before, else "row-7", by its line.
func (r *row) id() string {
	byLine, at := r.places[:r.ends[0]], r.at[RowID]
	if at < 0 {
		return byLine
	}
	text := r.number(RowID)
	_, used := r.ids[text]
	switch {
	case !sound(text):
		r.report.say(badID, r.line, at+1)
	case used, strings.HasPrefix(text, "row-") && text != byLine: // another line may be called so
		r.report.say(usedID, r.line, at+1)
	case len(r.ids) >= maxIDs:
		r.report.say(manyIDs, r.line, at+1)
	default:
		r.ids[strings.Clone(text)] = struct{}{}
		return text
	}
	return byLine
}

// sound reports whether an id can stand in a message's header.
func sound(id string) bool {
	return id != "" && len(id) <= 256 && strings.TrimSpace(id) == id && !strings.ContainsFunc(id, unicode.IsControl)
}
