package local

import (
	"unsafe"

	"github.com/npiflow/npiflow/internal/record"
)

// reader walks over a value. Its texts are parts of one string, made once. A
// step beyond the end sets bad and gives zeros from then on.
type reader struct {
	text string
	at   int
	bad  bool
	made []byte // room for texts that are spelled out of numbers
}

// block is an entry with room for what most have: two addresses and a taxonomy.
// One piece of memory instead of three is a tenth of a lookup.
type block struct {
	record.Entry
	addresses  [2]record.Address
	taxonomies [1]record.Taxonomy
}

// decode reads a provider's value into a new entry, whose texts are parts of
// it, or are spelled out in room as far as that reaches; nobody else may write
// there. Of Evidence it sets the Facts alone.
func decode(npi record.NPI, value string, room []byte) (*record.Entry, error) {
	r := reader{text: value, made: room[:0]}
	b := new(block)
	e := &b.Entry
	e.NPI = npi
	f := &e.Evidence.Facts
	first, second := r.byte(), r.byte()
	if first&3 == 3 {
		return nil, errValue
	}
	f.Status = record.Active
	if second&bitInactive != 0 {
		f.Status = record.Deactivated
	}
	f.Type = types[first&3]
	f.SoleProprietor, e.Subpart, e.Sex = yesNo[second&3], yesNo[second>>2&3], sexes[second>>4&3]
	f.EnumerationDate, f.LastUpdated = r.date(), r.date()
	if first&bitDeactivated != 0 {
		f.DeactivationDate = r.date()
	}
	if first&bitReactivated != 0 {
		f.ReactivationDate = r.date()
	}
	if first&bitReason != 0 {
		f.DeactivationReason = r.string()
	}
	if first&bitCertified != 0 {
		e.Certified = r.date()
	}
	if first&bitReplacement != 0 {
		e.Replacement = record.NPI(r.uvarint())
	}
	if first&bitEIN != 0 {
		e.EIN, e.ParentEIN = r.string(), r.string()
	}
	if second&bitParent != 0 {
		f.ParentOrganization = r.string()
	}
	r.name(&f.Name)
	if n := r.count(); n > 0 {
		if e.Addresses = b.addresses[:min(n, len(b.addresses))]; n > len(b.addresses) {
			e.Addresses = make([]record.Address, n)
		}
		for i := range e.Addresses {
			var before *record.Address
			if i > 0 {
				before = &e.Addresses[i-1]
			}
			r.address(&e.Addresses[i], before)
		}
	}
	if n := r.count(); n > 0 {
		if e.Taxonomies = b.taxonomies[:min(n, len(b.taxonomies))]; n > len(b.taxonomies) {
			e.Taxonomies = make([]record.Taxonomy, n)
		}
		for i := range e.Taxonomies {
			r.taxonomy(&e.Taxonomies[i])
		}
	}
	if n := r.count(); n > 0 {
		e.Identifiers = make([]record.Identifier, n)
		for i := range e.Identifiers {
			d := &e.Identifiers[i]
			r.texts(&d.Code, &d.Identifier, &d.Issuer, &d.State)
		}
	}
	if r.at < len(r.text) && r.text[r.at] != 0 {
		e.Official = new(record.Official)
	}
	o := e.Official
	if o == nil {
		o = &record.Official{}
	}
	r.texts(&o.Last, &o.First, &o.Phone, &o.Title, &o.Middle, &o.Credential, &o.Prefix, &o.Suffix)
	for r.at < len(r.text) && !r.bad {
		r.item(e)
	}
	if r.bad {
		return nil, errValue
	}
	e.Summarize()
	return e, nil
}

func (r *reader) item(e *record.Entry) {
	switch r.byte() {
	case itemName:
		e.Evidence.OtherNames = append(e.Evidence.OtherNames, record.Name{})
		r.name(&e.Evidence.OtherNames[len(e.Evidence.OtherNames)-1])
	case itemLocation:
		e.PracticeLocations = append(e.PracticeLocations, record.Address{})
		r.address(&e.PracticeLocations[len(e.PracticeLocations)-1], nil)
	case itemEndpoint:
		var p record.Endpoint
		r.texts(&p.Type, &p.TypeDescription, &p.Endpoint, &p.Affiliation, &p.Description, &p.AffiliationName, &p.Use, &p.UseDescription)
		r.texts(&p.OtherUse, &p.ContentType, &p.ContentTypeDescription, &p.OtherContentType)
		r.address(&p.Address, nil)
		e.Endpoints = append(e.Endpoints, p)
	default:
		r.bad = true
	}
}

func (r *reader) byte() byte {
	if r.at >= len(r.text) {
		r.bad = true
		return 0
	}
	r.at++
	return r.text[r.at-1]
}

func (r *reader) uvarint() (n uint64) {
	if r.at < len(r.text) && r.text[r.at] < 0x80 { // nearly always
		r.at++
		return uint64(r.text[r.at-1])
	}
	for shift := 0; shift < 64; shift += 7 {
		b := r.byte()
		n |= uint64(b&0x7f) << shift
		if b < 0x80 {
			return n
		}
	}
	r.bad = true
	return 0
}

// count is a number of things that take at least a byte each.
func (r *reader) count() int {
	n := r.uvarint()
	if n > uint64(len(r.text)-r.at) {
		r.bad = true
		return 0
	}
	return int(n)
}

func (r *reader) string() string {
	n := r.count()
	r.at += n
	return r.text[r.at-n : r.at]
}

func (r *reader) date() record.Date {
	n := r.uvarint()
	if n == 0 {
		return 0
	}
	return record.Date(int32(uint32(n)) + 19000000)
}

func (r *reader) texts(into ...*string) {
	bits := r.byte()
	for i, s := range into {
		if bits>>i&1 != 0 {
			*s = r.string()
		}
	}
}

func (r *reader) name(n *record.Name) {
	r.texts(&n.Organization, &n.First, &n.Last, &n.Middle, &n.Credential, &n.Prefix, &n.Suffix, &n.Code)
}

func (r *reader) choice(list []string, c byte) string {
	if int(c) < len(list) {
		return list[c]
	}
	return r.string()
}

func (r *reader) address(a, before *record.Address) {
	purpose := r.choice(purposes, r.byte())
	bits := r.byte()
	if bits&bitSame != 0 {
		if before == nil {
			r.bad = true
			return
		}
		*a = *before
		a.Phone, a.Fax = "", ""
	} else {
		a.Address1 = r.string()
		if bits&bitLine2 != 0 {
			a.Address2 = r.string()
		}
		a.City, a.State = r.string(), r.string()
		if bits&bitZIPDigits != 0 {
			a.PostalCode = r.zip(r.uvarint())
		} else {
			a.PostalCode = r.string()
		}
		a.CountryCode = "US"
		if bits&bitForeign != 0 {
			a.CountryCode = r.string()
		}
	}
	a.Purpose = purpose
	if bits&bitPhone != 0 {
		a.Phone = r.number(bits&bitPhoneDigits != 0)
	}
	if bits&bitFax != 0 {
		a.Fax = r.number(bits&bitFaxDigits != 0)
	}
}

// spell makes n bytes to be filled before anyone reads the text.
func (r *reader) spell(n int) (b []byte, s string) {
	if cap(r.made)-len(r.made) < n {
		r.made = make([]byte, 0, 64)
	}
	at := len(r.made)
	r.made = r.made[:at+n]
	b = r.made[at : at+n : at+n]
	return b, unsafe.String(&b[0], n)
}

func (r *reader) number(packed bool) string {
	if !packed {
		return r.string()
	}
	n := uint64(0)
	for range 5 {
		n = n<<8 | uint64(r.byte())
	}
	b, s := r.spell(12)
	for i := 11; i >= 0; i-- {
		if i == 3 || i == 7 {
			b[i] = '-'
			continue
		}
		b[i] = byte('0' + n%10)
		n /= 10
	}
	return s
}

func (r *reader) zip(n uint64) string {
	size := 5
	if n&1 != 0 {
		size = 9
	}
	n >>= 1
	b, s := r.spell(size)
	for i := size - 1; i >= 0; i-- {
		b[i] = byte('0' + n%10)
		n /= 10
	}
	return s
}

func (r *reader) taxonomy(t *record.Taxonomy) {
	bits := r.byte()
	t.Primary = bits&1 != 0
	t.Code = r.string()
	if bits&2 != 0 {
		t.State = r.string()
	}
	if bits&4 != 0 {
		t.License = r.string()
	}
	t.Group = r.choice(groups, bits>>3)
}
