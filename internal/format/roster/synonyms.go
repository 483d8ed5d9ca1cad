package roster

import "strings"

// The headers that rosters really have, field by field; of two columns that
// mean the same, the one whose header stands further left here counts.
// Sources: the roster templates of alamine53/rockster, the CAQH ProView roster
// guidelines v2.1, ProviderTrust's and TRICARE West's instructions, CMS's file
// of ordering and referring providers, NPPES's and BFD's own headers.
var headers = map[Field]string{
	RowID:           "row id, record id, roster id, row number, row no, row, record number, line number",
	NPI:             "npi, npi number, provider npi, national provider identifier, national provider id, prvdr npi num",
	IndividualNPI:   "individual npi, indv npi, npi individual, rendering npi, type 1 npi, practitioner npi",
	GroupNPI:        "group npi, billing npi, type 2 npi, group type 2 npi, billing group npi, location npi, remittance npi, organization npi, facility npi, pay to npi",
	EnumerationType: "enumeration type, entity type, entity type code, npi type, npi entity type",
	FullName:        "full name, provider full name, provider name, practitioner name, physician name, rendering name, pcp name, pcp full name, name, first and last name, last name first name, provider name last first, name last first, last first, provider name first last, name first last",
	FirstName:       "first name, firstname, given name, fname, first, 1st name",
	MiddleName:      "middle name, middle initial, mi, middle, mname, mdl name, middle name or initial, m i",
	LastName:        "last name, lastname, surname, family name, lname, last, last name legal name",
	Suffix:          "suffix, name suffix, suffix name, name suffix text, generation, suffix jr sr",
	Credential:      "credential, credentials, degree, degrees, credential text, professional degree, designation, professional designation, license type",
	Title:           "title, professional title, type of provider, provider type",
	OrganizationName: `organization name, organization name legal business name, legal business name, practice legal name, group legal name, lgl name, legal name,
		legal w9 name, legal w 9 name, group name, primary group name, practice name, primary practice name, practice, group practice name,
		medical group, medical group name, facility name, organization, organisation name, tin owner name, tax id name, tax id owner name,
		pay to name, account name, clinic name, hospital name, dba practice name, dba name, dba, doing business as name, doing business as, location name, location alias`,
	TIN: `tin, tin number, tax id, tax id number, tax identification number, taxid, federal tax id, federal tax id number, group tax id, group tin, practice tin,
		billing tin, practice tax id, ein, employer identification number, employer identification number ein, emplr id num, tax id tin, tin ein`,
	Taxonomy: `taxonomy code, taxonomy cd, primary taxonomy code, primary taxonomy, provider taxonomy code, provider taxonomy, taxonomy, secondary taxonomy,
		secondary taxonomy code, other taxonomy, other taxonomy code, tertiary taxonomy, tertiary taxonomy code, healthcare provider taxonomy code, healthcare provider taxonomy, nucc taxonomy, nucc taxonomy code, nucc code,
		taxonomy number, txnmy cmpst cd, taxonomy primary`,
	TaxonomyState:   "provider license number state code, license state, state of license, licensed state, license number state",
	TaxonomyLicense: "provider license number, license number, license no, license, state license, state license number, medical license number, medical license",
	TaxonomyPrimary: "healthcare provider primary taxonomy switch, primary taxonomy switch",
	EffectiveDate: `effective date, effective, eff date, eff dt, start date, hstry efctv dt, provider effective date, initial bom dt, credentialing date, credentialed date,
		cp wellness eff date, effective from, effective start date, participation effective date, begin date, add date`,
	TerminationDate: `termination date, term date, term dt, term, end date, monitoring end date, hstry obslt dt, expiration date, termed date, provider term date,
		effective end date, effective to, participation end date`,
	Action: `action, action flag, add term, add change term, action add change, action add term, action add change term, add update term, add or term,
		action effective date change or term reason, transaction type, change type, request type, action type, roster action`,
}

// parts are the headers of an address, without the words that say whose or
// which address it is.
var parts = map[Field]string{
	Address1: `address, address 1, address line 1, address line, addr, addr 1, addr line 1, street, street address, street address 1, street address line 1, street 1,
		line 1, address 1 and 2, street line 1, first line`,
	Address2:        "address 2, address line 2, addr 2, addr line 2, street 2, street address 2, suite, ste, line 2, suite number, second line, suite unit, street line 2",
	City:            "city, city name, town, address city",
	State:           "state, st, state code, state name, state abbreviation, address state",
	PostalCode:      "zip, zip code, zipcode, zip 5, postal code, postalcode, postal, zip plus 4, address zip, zip 9, zip postal code",
	PostalExtension: "zip extn, zip extension, zip ext, zip 4, zip plus four",
	CountryCode:     "country, country code, country code if outside u s",
	Phone:           "phone, phone number, telephone, telephone number, phone no, tel, ph, phone line, main phone",
	Fax:             "fax, fax number, fax no, fax line",
}

// whose are the words before a part of an address that leave it the place
// where the provider practices; others make it some other address.
var (
	practiceWords = strings.Fields("provider prvdr practitioner primary practice practicing office service servicing physical location site clinic facility main work svc business address loc pract prac")
	otherWords    = strings.Fields("mailing mail billing bill remittance remit pay payto home correspondence credentialing legal secondary corporate group organization hospital contact tin tax permanent residence personal other additional")
)

// personWords stand before a field of the provider's and change nothing.
var personWords = strings.Fields("healthcareprovider provider prvdr practitioner prov physician doctor clinician rendering individual indv practitioners providers")

// patientWords make a column one of a patient or member, whatever else it says.
var patientWords = words("member members mbr patient patients pt subscriber subscribers beneficiary beneficiaries bene insured enrollee enrollees dependent mbi hicn mrn policyholder guarantor")

// The words beside "NPI" in a header say whose NPI it is. The first list that
// has one of them counts; none is the row's own provider.
var npiWords = []struct {
	field Field
	words map[string]bool
}{
	{None, words("date dt status verified valid validated deactivation reactivation deactivated reason issuer name replacement taxonomy flag required check note notes comment comments enumeration parent type yn registered expiration address match fill list roster count total please")},
	{SupervisingNPI, words("supervising supervisor supervisory collaborating collaborator")},
	{PCPNPI, words("pcp")},
	{ReferringNPI, words("referring referrer")},
	{OrderingNPI, words("ordering")},
	{AttendingNPI, words("attending")},
	{OperatingNPI, words("operating")},
	{PrescribingNPI, words("prescribing prescriber")},
	{GroupNPI, words("group grp billing bill location loc remit remittance organization organisation organizational org facility fac payto pay payee practice type2 clinic hospital site entity corporate corp company business legal agency vendor tin tax pharmacy supplier office department dept ipa medicalgroup")},
	{IndividualNPI, words("individual indiv indv ind rendering type1 practitioner physician doctor clinician performing servicing personal")},
}

func words(list string) map[string]bool {
	set := map[string]bool{}
	for _, w := range strings.Fields(list) {
		set[w] = true
	}
	return set
}

// meaning is what a header says: the field, and its place in the list of the
// headers of that field.
type meaning struct {
	field Field
	rank  int
}

var (
	synonyms = table(headers)
	partsOf  = table(parts)
)

func table(of map[Field]string) map[string]meaning {
	t := map[string]meaning{}
	for f, list := range of {
		for rank, h := range strings.Split(list, ",") {
			t[letters(h)] = meaning{f, rank}
		}
	}
	return t
}

// letters is what tells headers apart: small letters and digits, nothing else.
func letters(header string) string {
	b := make([]byte, 0, len(header))
	for i := range len(header) {
		c := header[i]
		switch {
		case c >= 'A' && c <= 'Z':
			b = append(b, c+'a'-'A')
		case c >= 'a' && c <= 'z', c >= '0' && c <= '9':
			b = append(b, c)
		}
	}
	return string(b)
}
