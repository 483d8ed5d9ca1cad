package local

import (
	"encoding/binary"
	"errors"

	"github.com/npiflow/npiflow/internal/record"
)

// A provider's value is what its row of the main file said (appendProvider),
// followed by items in the order of the files they came from: other names,
// secondary locations, endpoints. So an import joins the files by laying bytes
// one after another. Texts are a length and bytes; what most rows share is a
// bit, and what is digits is a number: about 170 bytes for a row of 1,150.

var errValue = errors.New("read a stored provider: its bytes make no sense")

// The item kinds.
const (
	itemName     = 1
	itemLocation = 2
	itemEndpoint = 3
)

// Bits of the first byte: the type in the lowest two (0 is a stub), then what follows.
const (
	bitDeactivated = 1 << (2 + iota)
	bitReactivated
	bitReason
	bitCertified
	bitReplacement
	bitEIN
)

// kindOf is the type of a stored provider and whether it is active, without
// reading more than its first bytes: 0 a stub, 1 a person, 2 an organization.
func kindOf(value []byte) (kind byte, active bool, err error) {
	if len(value) < 2 {
		return 0, false, errValue
	}
	return value[0] & 3, value[1]&bitInactive == 0, nil
}

// Bits of the second byte.
const (
	bitParent   = 1 << 6
	bitInactive = 1 << 7
)

var (
	yesNo = []string{"", "YES", "NO", "X"}
	sexes = []string{"", "F", "M", "X"}
	types = []string{"", record.NPI1, record.NPI2}

	purposes = []string{"", "LOCATION", "MAILING"}
	groups   = []string{"", "193200000X - Multi-Specialty Group", "193400000X - Single Specialty Group", "193400000X - Multiple Single Specialty Group"}
)

// code is the place of s in list, or len(list), after which s itself follows.
func code(list []string, s string) byte {
	for i, v := range list {
		if v == s {
			return byte(i)
		}
	}
	return byte(len(list))
}

// appendProvider appends everything of e that a row of the main file holds:
// not the descriptions of taxonomies, not the items, and nothing of where the
// entry comes from. What is not a type, yes, no or X, or a sex, is left out.
func appendProvider(b []byte, e *record.Entry) []byte {
	f := &e.Evidence.Facts
	first := low(types, f.Type)
	first |= bit(f.DeactivationDate != 0, bitDeactivated) | bit(f.ReactivationDate != 0, bitReactivated) |
		bit(f.DeactivationReason != "", bitReason) | bit(e.Certified != 0, bitCertified) |
		bit(e.Replacement != 0, bitReplacement) | bit(e.EIN != "" || e.ParentEIN != "", bitEIN)
	second := low(yesNo, f.SoleProprietor) | low(yesNo, e.Subpart)<<2 | low(sexes, e.Sex)<<4 |
		bit(f.ParentOrganization != "", bitParent) | bit(f.Status != record.Active, bitInactive)
	b = append(b, first, second)
	b = appendDate(appendDate(b, f.EnumerationDate), f.LastUpdated)
	if first&bitDeactivated != 0 {
		b = appendDate(b, f.DeactivationDate)
	}
	if first&bitReactivated != 0 {
		b = appendDate(b, f.ReactivationDate)
	}
	if first&bitReason != 0 {
		b = appendText(b, f.DeactivationReason)
	}
	if first&bitCertified != 0 {
		b = appendDate(b, e.Certified)
	}
	if first&bitReplacement != 0 {
		b = binary.AppendUvarint(b, uint64(e.Replacement))
	}
	if first&bitEIN != 0 {
		b = appendText(appendText(b, e.EIN), e.ParentEIN)
	}
	if second&bitParent != 0 {
		b = appendText(b, f.ParentOrganization)
	}
	b = appendName(b, &f.Name)
	b = binary.AppendUvarint(b, uint64(len(e.Addresses)))
	for i := range e.Addresses {
		var before *record.Address
		if i > 0 {
			before = &e.Addresses[i-1]
		}
		b = appendAddress(b, &e.Addresses[i], before)
	}
	b = binary.AppendUvarint(b, uint64(len(e.Taxonomies)))
	for i := range e.Taxonomies {
		b = appendTaxonomy(b, &e.Taxonomies[i])
	}
	b = binary.AppendUvarint(b, uint64(len(e.Identifiers)))
	for i := range e.Identifiers {
		b = appendIdentifier(b, &e.Identifiers[i])
	}
	return appendOfficial(b, e.Official)
}

// low is code for a list that is complete: what is not in it counts as empty.
func low(list []string, s string) byte {
	if c := code(list, s); int(c) < len(list) {
		return c
	}
	return 0
}

func bit(set bool, b byte) byte {
	if set {
		return b
	}
	return 0
}

// appendDate takes three bytes for the days from 1900 on.
func appendDate(b []byte, d record.Date) []byte {
	if d == 0 {
		return append(b, 0)
	}
	return binary.AppendUvarint(b, uint64(uint32(d-19000000)))
}

func appendText(b []byte, s string) []byte {
	return append(binary.AppendUvarint(b, uint64(len(s))), s...)
}

// appendTexts appends which of the texts there are, a bit each, and those.
func appendTexts(b []byte, texts ...string) []byte {
	at := len(b)
	b = append(b, 0)
	for i, s := range texts {
		if s != "" {
			b[at] |= 1 << i
			b = appendText(b, s)
		}
	}
	return b
}

func appendName(b []byte, n *record.Name) []byte {
	return appendTexts(b, n.Organization, n.First, n.Last, n.Middle, n.Credential, n.Prefix, n.Suffix, n.Code)
}

// Bits of an address.
const (
	bitLine2 = 1 << iota
	bitPhone
	bitPhoneDigits // as NNN-NNN-NNNN
	bitFax
	bitFaxDigits
	bitForeign
	bitZIPDigits // five or nine
	bitSame      // lines, city, state, postal code and country are those of the address before
)

func appendAddress(b []byte, a, before *record.Address) []byte {
	purpose := code(purposes, a.Purpose)
	b = append(b, purpose)
	if int(purpose) == len(purposes) {
		b = appendText(b, a.Purpose)
	}
	phone, phoneDigits := dashed(a.Phone)
	fax, faxDigits := dashed(a.Fax)
	zip, zipDigits := zipDigits(a.PostalCode)
	same := before != nil && a.Address1 == before.Address1 && a.Address2 == before.Address2 && a.City == before.City &&
		a.State == before.State && a.PostalCode == before.PostalCode && a.CountryCode == before.CountryCode
	bits := bit(a.Address2 != "", bitLine2) | bit(a.Phone != "", bitPhone) | bit(phoneDigits, bitPhoneDigits) |
		bit(a.Fax != "", bitFax) | bit(faxDigits, bitFaxDigits) | bit(a.CountryCode != "US", bitForeign) |
		bit(zipDigits, bitZIPDigits) | bit(same, bitSame)
	b = append(b, bits)
	if !same {
		b = appendText(b, a.Address1)
		if a.Address2 != "" {
			b = appendText(b, a.Address2)
		}
		b = appendText(appendText(b, a.City), a.State)
		if zipDigits {
			b = binary.AppendUvarint(b, zip)
		} else {
			b = appendText(b, a.PostalCode)
		}
		if bits&bitForeign != 0 {
			b = appendText(b, a.CountryCode)
		}
	}
	return appendNumber(appendNumber(b, a.Phone, phone, phoneDigits), a.Fax, fax, faxDigits)
}

func appendNumber(b []byte, text string, n uint64, digits bool) []byte {
	switch {
	case digits:
		return append(b, byte(n>>32), byte(n>>24), byte(n>>16), byte(n>>8), byte(n))
	case text != "":
		return appendText(b, text)
	}
	return b
}

// dashed reads NNN-NNN-NNNN.
func dashed(s string) (n uint64, ok bool) {
	if len(s) != 12 || s[3] != '-' || s[7] != '-' {
		return 0, false
	}
	a, okA := digits(s[:3])
	b, okB := digits(s[4:7])
	c, okC := digits(s[8:])
	return a*10000000 + b*10000 + c, okA && okB && okC
}

// zipDigits reads five or nine digits; the lowest bit of n says which.
func zipDigits(s string) (n uint64, ok bool) {
	if len(s) != 5 && len(s) != 9 {
		return 0, false
	}
	n, ok = digits(s)
	return n<<1 | uint64(bit(len(s) == 9, 1)), ok
}

func digits(s string) (n uint64, ok bool) {
	for i := range len(s) {
		d := s[i] - '0'
		if d > 9 {
			return 0, false
		}
		n = n*10 + uint64(d)
	}
	return n, true
}

func appendTaxonomy(b []byte, t *record.Taxonomy) []byte {
	group := code(groups, t.Group)
	b = append(b, bit(t.Primary, 1)|bit(t.State != "", 2)|bit(t.License != "", 4)|group<<3)
	b = appendText(b, t.Code)
	if t.State != "" {
		b = appendText(b, t.State)
	}
	if t.License != "" {
		b = appendText(b, t.License)
	}
	if int(group) == len(groups) {
		b = appendText(b, t.Group)
	}
	return b
}

func appendIdentifier(b []byte, i *record.Identifier) []byte {
	return appendTexts(b, i.Code, i.Identifier, i.Issuer, i.State)
}

func appendOfficial(b []byte, o *record.Official) []byte {
	if o == nil {
		return append(b, 0)
	}
	return appendTexts(b, o.Last, o.First, o.Phone, o.Title, o.Middle, o.Credential, o.Prefix, o.Suffix)
}

func appendOtherName(b []byte, n *record.Name) []byte { return appendName(append(b, itemName), n) }

func appendLocation(b []byte, a *record.Address) []byte {
	return appendAddress(append(b, itemLocation), a, nil)
}

func appendEndpoint(b []byte, p *record.Endpoint) []byte {
	b = appendTexts(append(b, itemEndpoint), p.Type, p.TypeDescription, p.Endpoint, p.Affiliation, p.Description, p.AffiliationName, p.Use, p.UseDescription)
	b = appendTexts(b, p.OtherUse, p.ContentType, p.ContentTypeDescription, p.OtherContentType)
	return appendAddress(b, &p.Address, nil)
}
