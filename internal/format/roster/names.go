package roster

import "strings"

// person is a person's name, in parts.
type person struct{ first, middle, last, suffix, credential string }

func (p *person) named() bool { return p.first != "" || p.last != "" }

var (
	titleWords = words("DR DR. MR MR. MRS MRS. MS MS. MISS PROF PROF. DOCTOR")
	suffixes   = words("JR SR II III IV V")
	particles  = words("DE DEL DELA LA LAS LOS LE DU DA DI DOS DAS VAN VON DER DEN TER TEN EL AL BIN ST")
	degrees    = words(`MD DO MBBS MBCHB PHD DDS DMD DPM DC OD ND DNP DPT PT PTA OT OTR OTRL OTD RPH PHARMD RN LPN LVN NP APN APRN ARNP FNP
		FNPBC FNPC ANP PNP CNP CNM CNS CRNA CRNP BSN MSN AGNP PMHNP PA PAC MPAS AA PSYD EDD LCSW LICSW LMSW LSW MSW CSW LPC LPCC LMHC
		LMFT MFT LCPC BCBA RBT SLP CCC CCCSLP AUD RD RDN LD ATC MS MA MED MPH MHA MBA ESQ JD FACS FACP FACC FAAP FACOG FAAN DMSC`)
	organizations = words(`INC INCORPORATED LLC LLP PLLC LTD CORP CORPORATION COMPANY CLINIC CLINICS HOSPITAL HOSPITALS CENTER CENTERS CENTRE GROUP
		ASSOCIATES ASSOCIATION MEDICAL HEALTH HEALTHCARE SERVICES PHARMACY PHARMACIES PRACTICE PARTNERS PARTNERSHIP INSTITUTE LABORATORY
		LABORATORIES LABS UNIVERSITY FOUNDATION SYSTEM SYSTEMS NETWORK PHYSICIANS SPECIALISTS THERAPY DENTISTRY PEDIATRICS CARDIOLOGY
		ORTHOPEDICS RADIOLOGY IMAGING SURGERY CARE WELLNESS REHABILITATION COUNTY DEPARTMENT`)
)

// plain is a word without points and hyphens, in capitals: Ph.D. is PHD.
func plain(word string) string {
	return strings.ToUpper(strings.NewReplacer(".", "", "-", "", "/", "").Replace(word))
}

// organization reports whether a name has a word that only organizations have.
func organization(name string) bool {
	for _, w := range strings.FieldsFunc(name, func(r rune) bool { return r == ' ' || r == ',' }) {
		if organizations[plain(w)] {
			return true
		}
	}
	return false
}

// splitName reads "LAST, FIRST M" and "FIRST M LAST", each with a suffix and
// credentials where they usually stand.
func splitName(name string) (p person) {
	front, behind, _ := strings.Cut(name, ",")
	given := p.afterComma(strings.Split(behind, ","))
	if len(given) == 0 {
		p.inOrder(p.bare(strings.Fields(front), 2))
		return p
	}
	p.last = strings.Join(p.bare(strings.Fields(front), 1), " ")
	p.first, p.middle = given[0], strings.Join(given[1:], " ")
	return p
}

// afterComma takes suffixes and credentials from the parts behind the first
// comma, and gives the first names that stand in one of them.
func (p *person) afterComma(parts []string) (first []string) {
	for _, part := range parts {
		left := p.bare(strings.Fields(part), 0)
		if first == nil && len(left) > 0 { // a second group of names is no part of one that is known
			first = left
		}
	}
	return first
}

// bare takes titles off the front of the words, and a suffix and credentials
// off the end, and leaves as many words as asked: DO and MA are surnames too,
// and V among first names is an initial.
func (p *person) bare(list []string, least int) []string {
	for len(list) > 1 && titleWords[strings.ToUpper(list[0])] {
		list = list[1:]
	}
	end := len(list)
	for end > least && p.suffixOrDegree(list[end-1], least > 0) {
		end--
	}
	var held []string
	for _, w := range list[end:] {
		if degrees[plain(w)] {
			held = append(held, strings.ToUpper(w))
		}
	}
	if p.credential != "" {
		held = append([]string{p.credential}, held...)
	}
	p.credential = strings.Join(held, ", ")
	return list[:end]
}

func (p *person) suffixOrDegree(word string, behindLast bool) bool {
	w := plain(word)
	if suffixes[w] && (len(w) > 1 || behindLast) {
		p.suffix = w
		return true
	}
	return degrees[w]
}

// inOrder reads first, middle and last name. A last name begins at its
// particle: VAN DER BERG.
func (p *person) inOrder(list []string) {
	if len(list) == 0 {
		return
	}
	last := len(list) - 1
	for i := 1; i < last; i++ {
		if particles[plain(list[i])] {
			last = i
			break
		}
	}
	p.last = strings.Join(list[last:], " ")
	if last > 0 {
		p.first, p.middle = list[0], strings.Join(list[1:last], " ")
	}
}

// tidy moves what stands in the wrong column of a name: a suffix behind the
// last name, a whole name in it, a credential in the suffix.
func (p *person) tidy() {
	if strings.IndexByte(p.last, ',') >= 0 {
		whole := splitName(p.last)
		switch {
		case p.first == "" && whole.first != "":
			p.first, p.last = whole.first, whole.last
			p.middle = either(p.middle, whole.middle)
		case whole.first == "":
			p.last = strings.TrimSpace(p.last[:strings.IndexByte(p.last, ',')])
		}
		p.suffix, p.credential = either(p.suffix, whole.suffix), either(p.credential, whole.credential)
	}
	if p.suffix != "" && !suffixes[plain(p.suffix)] && degrees[plain(p.suffix)] {
		p.credential, p.suffix = either(p.credential, p.suffix), ""
	}
}

func either(a, b string) string {
	if a != "" {
		return a
	}
	return b
}

// credentialOf takes a title for a credential only where all its words are:
// the column may as well hold "Physician" or "Dr.".
func credentialOf(title string) string {
	list := strings.FieldsFunc(title, func(r rune) bool { return r == ' ' || r == ',' || r == ';' })
	for _, w := range list {
		if !degrees[plain(w)] {
			return ""
		}
	}
	return title
}
