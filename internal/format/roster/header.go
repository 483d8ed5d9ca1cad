package roster

import (
	"cmp"
	"slices"
	"strconv"
	"strings"
)

// maxHeader bounds a header, in bytes; what is longer is an explanation.
const maxHeader = 100

// column is what its header says of a column.
type column struct {
	meaning
	number int    // 2 for "Taxonomy 2"; 1 where there is no number
	place  string // of a part of an address: the words before it
	other  bool   // part of an address that is not the practice's
	exact  bool   // the header is a known one, letter for letter
	mapped bool   // a map says so
}

// recognize reads one header. Known headers come before the words in them, so
// that "Group NPI" is not an NPI like any other.
func recognize(header string) column {
	n := letters(header)
	if n == "" || len(header) > maxHeader {
		return column{}
	}
	npi, wordsSeen := npiField(header)
	for _, form := range forms(header, n) {
		if m, ok := synonyms[form]; ok && (npi != None || !patient(header)) {
			return column{meaning: m, number: number(n), exact: true}
		}
	}
	if npi != None {
		return column{meaning: meaning{npi, len(headers[npi]) + wordsSeen}, number: 1}
	}
	if patient(header) {
		return column{}
	}
	return addressPart(n)
}

// forms are the spellings of a header that may be known: as it stands, without
// the c that Salesforce puts behind its own fields, without the 1 of the first
// of several, without the word for the provider, and numbered ones without
// their number.
func forms(header, n string) []string {
	list := []string{n}
	if strings.HasSuffix(strings.ToLower(strings.TrimSpace(header)), "__c") {
		list = append(list, strings.TrimSuffix(n, "c"))
	}
	for _, f := range list {
		if bare := strings.TrimSuffix(f, "1"); bare != f && !strings.HasSuffix(bare, "type") {
			list = append(list, bare)
		}
	}
	for _, f := range list {
		if bare, ok := cutWord(f, personWords); ok {
			list = append(list, bare)
		}
	}
	for _, f := range list {
		bare := strings.Map(func(r rune) rune {
			if r >= '0' && r <= '9' {
				return -1
			}
			return r
		}, f)
		if synonyms[bare].field.numbered() {
			list = append(list, bare)
		}
	}
	return list
}

// number is the number in the header of one of several columns.
func number(n string) int {
	for i, word := range []string{"secondary", "other", "tertiary"} {
		if strings.Contains(n, word) {
			return min(i+2, 3)
		}
	}
	from := strings.IndexAny(n, "0123456789")
	if from < 0 {
		return 1
	}
	to := from
	for to < len(n) && n[to] >= '0' && n[to] <= '9' {
		to++
	}
	v, err := strconv.Atoi(n[from:to])
	if err != nil || v < 1 || v > 99 {
		return 1
	}
	return v
}

// cutWord takes the longest of the words off the front.
func cutWord(n string, list []string) (rest string, ok bool) {
	for _, w := range list {
		if r, found := strings.CutPrefix(n, w); found && r != "" && (!ok || len(r) < len(rest)) {
			rest, ok = r, true
		}
	}
	return rest, ok
}

// addressPart reads the header of a part of an address.
func addressPart(n string) column {
	c := column{number: 1}
	bare := strings.Replace(n, "businesspracticelocationaddress", "", 1) // NPPES puts it before and behind
	if bare != n {
		c.place = "practicelocation"
	}
	for rest := bare; ; {
		if m, ok := partsOf[rest]; ok {
			c.meaning, c.exact = m, true
			c.place += bare[:len(bare)-len(rest)]
			return c
		}
		if m, ok := partsOf[strings.TrimSuffix(rest, "c")]; ok && rest != "" { // Salesforce's
			c.meaning = m
			c.place += bare[:len(bare)-len(rest)]
			return c
		}
		if r, ok := cutWord(rest, practiceWords); ok {
			rest = r
		} else if r, ok := cutWord(rest, otherWords); ok {
			rest, c.other = r, true
		} else {
			return column{}
		}
	}
}

// npiField says whose NPI a column holds, by the words of its header; None
// where it holds none.
func npiField(header string) (f Field, count int) {
	all := split(header)
	if !slices.ContainsFunc(all, func(w string) bool {
		return strings.HasPrefix(w, "npi") || strings.HasSuffix(w, "npi")
	}) || len(all) > 8 {
		return None, 0
	}
	if _, known := synonyms[letters(header)]; known {
		return NPI, 0 // the table of headers knows better
	}
	for _, list := range npiWords {
		if slices.ContainsFunc(all, func(w string) bool { return list.words[strings.TrimSuffix(strings.TrimPrefix(w, "npi"), "npi")] }) {
			return list.field, len(all)
		}
	}
	return NPI, len(all)
}

// split gives the words of a header in small letters: at signs, and where
// capitals begin. "Type 2" and "Pay To" are one word each.
func split(header string) []string {
	var list []string
	from := 0
	add := func(to int) {
		if from < to {
			list = append(list, strings.ToLower(header[from:to]))
		}
		from = to
	}
	for i := range len(header) {
		c := header[i]
		switch {
		case !alnum(c):
			add(i)
			from = i + 1
		case i > from && isUpper(c) && (!isUpper(header[i-1]) || i+1 < len(header) && isLower(header[i+1])):
			add(i)
		}
	}
	add(len(header))
	return join(list)
}

// join makes one word of those that mean something only together.
func join(list []string) []string {
	for i := 0; i+1 < len(list); i++ {
		switch two := list[i] + list[i+1]; two {
		case "type1", "type2", "payto":
			list = slices.Replace(list, i, i+2, two)
		case "typei", "typeii":
			list = slices.Replace(list, i, i+2, "type"+strconv.Itoa(len(two)-4))
		}
	}
	return list
}

func alnum(c byte) bool   { return isUpper(c) || isLower(c) || c >= '0' && c <= '9' }
func isUpper(c byte) bool { return c >= 'A' && c <= 'Z' }
func isLower(c byte) bool { return c >= 'a' && c <= 'z' }

// patient reports whether a header names a patient or member.
func patient(header string) bool {
	return slices.ContainsFunc(split(header), func(w string) bool { return patientWords[w] })
}

// provider reports whether a header says that its column is of the provider.
func provider(header string) bool {
	_, ok := cutWord(letters(header), personWords)
	return ok || strings.HasPrefix(letters(header), "practice") || strings.HasPrefix(letters(header), "pcp")
}

// mayBePatients reports whether a column of the field, in a file that has
// patients too, may be theirs.
func mayBePatients(f Field) bool {
	return f == RowID || f >= FullName && f <= Suffix || f.address() || f == EffectiveDate || f == TerminationDate
}

// score says how much a row looks like a header: known headers count double.
func score(columns []column) (points int, npi bool) {
	for i := range columns {
		c := &columns[i]
		if c.field == None {
			continue
		}
		npi = npi || c.field.npi()
		points++
		if c.exact || c.mapped {
			points++
		}
	}
	return points, npi
}

// choose decides which columns are read: of several that mean the same, one;
// of several addresses, one; and where there are columns of patients, only
// those that are surely the provider's. It says what it leaves out.
func choose(header []string, columns []column, line int, r *report) {
	if slices.ContainsFunc(header, patient) {
		r.say(patients, line, 0)
		for i := range columns {
			f := columns[i].field
			if !columns[i].mapped && mayBePatients(f) && !provider(header[i]) {
				columns[i] = column{}
			}
		}
	}
	chooseAddress(columns)
	for i := range columns {
		if f := columns[i].field; f != None {
			chooseOne(header, columns, i, line, r)
		}
	}
}

// chooseOne leaves out a column that means what another one means that counts.
func chooseOne(header []string, columns []column, i, line int, r *report) {
	for j := range columns {
		if j == i || !sameMeaning(header, columns, i, j) || !counts(columns, j, i) {
			continue
		}
		if letters(header[i]) == letters(header[j]) {
			r.say(twiceNamed, line, i+1)
		} else if columns[i].field.own() {
			r.say(twiceMeant, line, i+1)
		}
		columns[i] = column{}
		return
	}
}

func sameMeaning(header []string, columns []column, i, j int) bool {
	a, b := &columns[i], &columns[j]
	switch {
	case a.field == None || b.field == None:
		return false
	case a.field.own() && b.field.own():
		return true
	case a.field == GroupNPI && b.field == GroupNPI: // there may be several groups
		return letters(header[i]) == letters(header[j])
	}
	return a.field == b.field && (!a.field.numbered() || a.number == b.number)
}

// counts reports whether column i counts before column j, which means the
// same.
func counts(columns []column, i, j int) bool {
	a, b := &columns[i], &columns[j]
	if a.mapped != b.mapped {
		return a.mapped
	}
	if a.field != b.field { // expressly the person's before one that may be anybody's
		return a.field == IndividualNPI
	}
	if a.field.npi() {
		return i < j
	}
	return cmp.Or(cmp.Compare(a.rank, b.rank), cmp.Compare(i, j)) < 0
}

// chooseAddress keeps the parts of one address: that of the first street of a
// practice, preferably one whose header says so, with the parts that have the
// same words before them, or else stand behind it without any. A state alone is
// no address: it may be that of a licence.
func chooseAddress(columns []column) {
	street := -1
	for i := range columns {
		c := &columns[i]
		if c.field == Address1 && !c.other && (street < 0 || columns[street].place == "" && c.place != "") {
			street = i
		}
	}
	alone := !slices.ContainsFunc(columns, func(c column) bool {
		return !c.other && (c.field == Address1 || c.field == City || c.field == PostalCode)
	})
	kept := slices.Clone(columns)
	for i, c := range columns {
		switch {
		case !c.field.address(), c.mapped && !c.other:
		case c.other, c.field == State && alone, street >= 0 && i != street && !belongs(columns, street, i):
			kept[i] = column{}
		}
	}
	copy(columns, kept)
}

// belongs reports whether a part of an address goes with the street.
func belongs(columns []column, street, i int) bool {
	c, s := &columns[i], &columns[street]
	if c.place == s.place {
		return c.field != Address1
	}
	rival := slices.ContainsFunc(columns, func(o column) bool { return o.field == c.field && o.place == s.place && !o.other })
	if rival || c.field == Address1 {
		return false
	}
	if i < street {
		return c.field == Phone || c.field == Fax
	}
	return !slices.ContainsFunc(columns[street+1:i], func(o column) bool { return o.field == Address1 })
}
