package judge

import (
	"strings"

	"github.com/npiflow/npiflow/internal/record"
)

// level says how well the record's name fits the registry's. A mismatch
// becomes a flag, and so do swapped columns, which are sure and easily mended.
// A weak fit does not: it passes with the payers who compare names, and is
// mostly an initial.
type level uint8

const (
	unsaid   level = iota // one of the two says no name
	mismatch              // somebody else, as far as a name can tell
	swapped               // first and last name in each other's place: the same person, and yet a payer's edit fails
	weak                  // fits as loosely as Medicare's CEDI edit allows
	strong                // a known variant: half of a double name, nickname, former or trade name
	exact                 // the same but for case, accents, punctuation and credentials
)

// nameFlag compares the record's name with every name the registry holds. The
// record's own is not quoted: a careless sender may have put a patient there.
func nameFlag(r *rule, m *record.Mention, f *record.Facts) (record.Flag, bool) {
	if !m.Named() || sameName(m, f) {
		return record.Flag{}, false
	}
	l, p := nameLevel(m, f)
	switch l {
	case swapped:
		p = swappedNames
	case mismatch:
	default:
		return record.Flag{}, false
	}
	flag := r.flags[p]
	flag.Actual = f.Name.Display()
	return flag, true
}

// sameName is the usual case, decided without making anything.
func sameName(m *record.Mention, f *record.Facts) bool {
	if f.Name.Organization != "" {
		return strings.EqualFold(m.OrganizationName, f.Name.Organization)
	}
	return m.LastName != "" && strings.EqualFold(m.LastName, f.Name.Last) && strings.EqualFold(m.FirstName, f.Name.First)
}

// nameLevel is the best level over all names of the registry, and for a
// mismatch the part that differs.
func nameLevel(m *record.Mention, f *record.Facts) (level, problem) {
	if f.Type == record.NPI2 || f.Type == "" && f.Name.Organization != "" {
		return organizationLevel(m, f), otherOrganization
	}
	if m.LastName == "" && m.FirstName == "" {
		return businessLevel(m.OrganizationName, f), otherOrganization
	}
	return personLevel(m, f)
}

// person is a person's name in words, without titles and credentials.
type person struct{ first, middle, last words }

func personOf(first, middle, last string) person {
	return person{
		first:  wordsOf(first).trim(titles, credentials),
		middle: wordsOf(middle),
		last:   wordsOf(last).trim(titles, credentials),
	}
}

// personLevel compares with the person's own, former and professional names.
func personLevel(m *record.Mention, f *record.Facts) (level, problem) {
	said := personOf(m.FirstName, m.MiddleName, m.LastName)
	best, differs := said.against(f.Name)
	for i := range f.OtherNames {
		l, d := said.against(f.OtherNames[i])
		l = min(l, strong)
		if l > best {
			best = l
		}
		if d == otherFirstName {
			differs = d // under some name the last one fits
		}
	}
	return best, differs
}

func (p person) against(n record.Name) (level, problem) {
	q := personOf(n.First, n.Middle, n.Last)
	last, first := lastLevel(p.last, q.last), firstLevel(p, q)
	switch {
	case last == unsaid: // half a name is compared by what there is
		return first, otherFirstName
	case first == unsaid:
		return last, otherLastName
	case last != mismatch && first != mismatch:
		return min(last, first), otherLastName
	case lastLevel(p.last, q.first) >= strong && lastLevel(p.first, q.last) >= strong:
		return swapped, otherLastName
	case last == mismatch:
		return mismatch, otherLastName
	}
	return mismatch, otherFirstName
}

// lastLevel compares two last names. Weak is the CEDI edit: the first four
// characters, not counting particles, which half of all names of a region
// begin with.
func lastLevel(a, b words) level {
	switch {
	case len(a) == 0 || len(b) == 0:
		return unsaid
	case a.joined() == b.joined():
		return exact
	case half(a, b):
		return strong
	case begin(a.trim(particles, nil).joined(), 4) == begin(b.trim(particles, nil).joined(), 4):
		return weak
	}
	return mismatch
}

// firstLevel compares two first names, or a first with a middle one where
// somebody goes by it. Weak is the CEDI edit: the first letter.
func firstLevel(p, q person) level {
	a, b := p.first, q.first
	switch {
	case len(a) == 0 || len(b) == 0:
		return unsaid
	case a.joined() == b.joined():
		return exact
	case half(a, b), nickname(a[0], b[0]), spelledOut(a, q.middle), spelledOut(b, p.middle):
		return strong
	case begin(a.joined(), 1) == begin(b.joined(), 1):
		return weak
	}
	return mismatch
}

// spelledOut reports whether two names are the same and more than an initial.
func spelledOut(a, b words) bool {
	s := a.joined()
	return len(s) > 1 && s == b.joined()
}

// begin is the first n characters of s.
func begin(s string, n int) string {
	for i := range s {
		if n == 0 {
			return s[:i]
		}
		n--
	}
	return s
}

var (
	titles      = set("DR DOCTOR MR MRS MS MISS PROF REV SR SISTER")
	particles   = set("DE DEL LA LAS LOS LE DU DA DI DOS DAS VAN VON DER DEN TER TEN EL AL BIN ST SAINT MC MAC O")
	credentials = set(`JR SR II III IV MD DO MBBS MBCHB PHD DDS DMD DPM DC OD ND DNP DPT PT PTA OT OTR OTD RPH PHARMD
		RN LPN LVN NP APN APRN ARNP FNP ANP PNP CNP CNM CNS CRNA BSN MSN AGNP PMHNP PA PAC MPAS AA
		PSYD EDD LCSW LICSW LMSW LSW MSW CSW LPC LPCC LMHC LMFT MFT LCPC BCBA RBT SLP CCC AUD
		RD RDN LD ATC BA BS MA MS MED MPH MHA MBA ESQ JD FACS FACP FACC FAAP FACOG FAAN BC C`)
)
