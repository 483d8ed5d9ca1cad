package judge

import (
	"strings"

	"github.com/npiflow/npiflow/internal/record"
)

// organizationLevel compares with the legal business name, the names done
// business as, and the parent's: a subpart is often billed under it. Where the
// record gives a person's name only, that name is tried as the business's.
func organizationLevel(m *record.Mention, f *record.Facts) level {
	text := m.OrganizationName
	if text == "" {
		text = m.FirstName + " " + m.MiddleName + " " + m.LastName
	}
	said := businessOf(text)
	best := said.against(f.Name.Organization)
	for i := range f.OtherNames {
		best = max(best, min(said.against(f.OtherNames[i].Organization), strong))
	}
	return max(best, min(said.against(f.ParentOrganization), strong))
}

// businessLevel compares a business's name with the person who holds the NPI:
// it fits if it contains a last name of theirs. Of a sole proprietor's trade
// name the registry need not know anything.
func businessLevel(text string, f *record.Facts) level {
	name := wordsOf(text)
	if len(name) == 0 || f.SoleProprietor == "YES" {
		return unsaid
	}
	best := name.holding(wordsOf(f.Name.Last))
	for i := range f.OtherNames {
		best = max(best, name.holding(wordsOf(f.OtherNames[i].Last)))
	}
	return best
}

func (w words) holding(last words) level {
	switch {
	case len(last) == 0:
		return unsaid
	case strings.Contains(" "+strings.Join(w, " ")+" ", " "+strings.Join(last, " ")+" "):
		return weak
	}
	return mismatch
}

// business is an organization's name: its words without the legal form, and
// of these the ones that tell it from others.
type business struct{ all, telling words }

func businessOf(name string) business {
	all := spellOut(joinLetters(wordsOf(name))).without(legalForms)
	return business{all, all.without(commonplace)}
}

// against compares two names by their words. Weak is half of the telling
// words; the commonplace ones alone prove nothing.
func (b business) against(name string) level {
	other := businessOf(name)
	switch {
	case len(b.all) == 0 || len(other.all) == 0:
		return unsaid
	case b.all.joined() == other.all.joined():
		return exact
	}
	telling := min(len(b.telling), len(other.telling))
	shared := overlap(b.telling, other.telling)
	switch {
	case shared == telling && overlap(b.all, other.all) == min(len(b.all), len(other.all)):
		return strong
	case 2*shared >= telling:
		return weak
	}
	return mismatch
}

// overlap counts the words of the shorter name that the longer one has too. A
// word of four letters or more may stand for a longer one it begins.
func overlap(a, b words) (n int) {
	if len(a) > len(b) {
		a, b = b, a
	}
	for _, w := range a {
		for _, v := range b {
			if w == v || len(w) >= 4 && strings.HasPrefix(v, w) || len(v) >= 4 && strings.HasPrefix(w, v) {
				n++
				break
			}
		}
	}
	return n
}

// joinLetters makes one word of letters that stand alone: P A is PA.
func joinLetters(w words) words {
	var out words
	open := false // the last word of out is made of single letters
	for _, s := range w {
		if len(s) != 1 {
			out, open = append(out, s), false
			continue
		}
		if open {
			out[len(out)-1] += s
			continue
		}
		out, open = append(out, s), true
	}
	return out
}

// spellOut replaces the abbreviations that are not the beginning of a word.
func spellOut(w words) words {
	for i, s := range w {
		if long := abbreviations[s]; long != "" {
			w[i] = long
		}
	}
	return w
}

var (
	legalForms = set(`INC INCORPORATED LLC LC PC PLLC PA LLP PLLP LP LTD LIMITED CORP CORPORATION CO COMPANY PLC APC PSC SC
		CHARTERED CHTD THE A AN AND OF FOR AT IN DBA AKA FKA`)

	commonplace = set(`MEDICAL MEDICINE HEALTH HEALTHCARE CARE CENTER CLINIC CLINICS HOSPITAL GROUP SERVICES SERVICE ASSOCIATES
		ASSOCIATION ASSOCIATED PRACTICE PHYSICIANS PHYSICIAN DOCTORS PROVIDERS PROFESSIONAL PROFESSIONALS PARTNERS SPECIALISTS
		DENTAL DENTISTRY PHARMACY FAMILY COMMUNITY REGIONAL GENERAL CITY COUNTY NATIONAL AMERICAN INSTITUTE FOUNDATION SYSTEM
		NETWORK MANAGEMENT HOLDINGS OFFICE DEPARTMENT UNIVERSITY SAINT SAN SANTA NEW NORTH SOUTH EAST WEST LOS LAS DE LA EL
		MD DO DDS DMD DPM DC OD PHD`)

	abbreviations = map[string]string{
		"CTR": "CENTER", "CENTRE": "CENTER", "SVC": "SERVICE", "SVCS": "SERVICES", "ST": "SAINT", "MT": "MOUNT", "FT": "FORT",
		"GRP": "GROUP", "HLTH": "HEALTH", "HLTHCARE": "HEALTHCARE", "HOSP": "HOSPITAL", "MED": "MEDICAL", "ASSOC": "ASSOCIATES",
		"ASSN": "ASSOCIATION", "DEPT": "DEPARTMENT", "UNIV": "UNIVERSITY", "MGMT": "MANAGEMENT", "CNTY": "COUNTY", "NATL": "NATIONAL",
		"MEM": "MEMORIAL", "INST": "INSTITUTE", "INTL": "INTERNATIONAL", "PHYS": "PHYSICIANS", "SPEC": "SPECIALISTS", "FDN": "FOUNDATION",
		"SYS": "SYSTEM", "REG": "REGIONAL", "REHAB": "REHABILITATION", "PEDS": "PEDIATRICS", "ORTHO": "ORTHOPEDICS", "DRS": "DOCTORS",
	}
)
