package roster

import (
	"testing"

	"github.com/stretchr/testify/assert"
)

func TestRecognize(t *testing.T) {
	for header, want := range map[string]Field{
		// the row's own provider
		"NPI": NPI, " npi ": NPI, "NPI #": NPI, "NPI_#": NPI, "\ufeffNPI": NPI, "NPI Number": NPI, "NPI1": NPI,
		"Provider NPI #": NPI, "provider_npi": NPI, "PRVDR_NPI_NUM": NPI, "National Provider Identifier": NPI, "ProviderNPI": NPI,
		"Indv NPI": IndividualNPI, "Individual NPI": IndividualNPI, "NPI_Individual__c": IndividualNPI, "Rendering NPI": IndividualNPI,
		"Type 1 NPI": IndividualNPI, "NPI (Type 1)": IndividualNPI, "NPI Type I": IndividualNPI, "Rendering Provider NPI Number": IndividualNPI,
		"Practitioner NPI": IndividualNPI,
		// groups come before the NPI in their name
		"Group NPI": GroupNPI, "Billing NPI": GroupNPI, "Type 2 NPI": GroupNPI, "Group - Type 2 NPI": GroupNPI, "Billing GroupNPI#": GroupNPI,
		"Group_NPI__c": GroupNPI, "billing_npi": GroupNPI, "Location NPI": GroupNPI, "Remittance NPI": GroupNPI, "Organization NPI": GroupNPI,
		"Facility NPI": GroupNPI, "Pay To NPI": GroupNPI, "Pay-to Provider NPI": GroupNPI, "NPI - Group": GroupNPI, "BillingNPI": GroupNPI,
		"Clinic's NPI": GroupNPI, "TIN NPI": GroupNPI,
		// persons beside it
		"Supervising Physician NPI": SupervisingNPI, "PCP NPI": PCPNPI, "Referring Provider NPI": ReferringNPI, "OrderingNPI": OrderingNPI,
		"Attending NPI": AttendingNPI, "Operating Physician NPI": OperatingNPI, "Prescriber NPI": PrescribingNPI,
		// what speaks of NPIs and holds none
		"NPI Deactivation Date": None, "Replacement NPI": None, "NPI Status": None, "Valid NPI?": None, "NPI Name": None,
		"Turnpike": None, "Please enter the NPI of each of the providers you want to add to the network": None,
		"NPI Type": EnumerationType, "Entity Type Code": EnumerationType,
		// names
		"Last Name": LastName, "LAST_NAME": LastName, "LastName-1": LastName, "Provider Last Name": LastName, "PRVDR_LAST_NAME": LastName,
		"PRVDR_1ST_NAME": FirstName, "Provider First name": FirstName, "MI": MiddleName, "MiddleName-1": MiddleName, "Middle Initial": MiddleName,
		"Full Name": FullName, "Provider Name": FullName, "Practitioner Name": FullName, "PCP Name": FullName,
		"Provider_Name_Suffix": Suffix, "Degree(s)": Credential, "Degree__c": Credential, "Credential(s)": Credential,
		"Title": Title, "Type of Provider": Title,
		"Practice": OrganizationName, "TIN OWNER NAME": OrganizationName, "DBA Practice Name": OrganizationName, "Legal/ W-9 Name": OrganizationName,
		"Doing Business As Name": OrganizationName, "Pay_to_Name__c": OrganizationName, "Account_Name": OrganizationName, "Location Alias": OrganizationName,
		"PRVDR_LGL_NAME": OrganizationName, "Primary Group Name": OrganizationName, "Tax ID Name": OrganizationName, "Practice Legal Name": OrganizationName,
		"TIN": TIN, "Tax ID": TIN, "TaxID": TIN, "TAX ID Number": TIN, "Tax ID#": TIN, "Group - Tax ID#": TIN, "TIN__c": TIN, "tax_id": TIN,
		"Taxonomy": Taxonomy, "Taxonomy Code": Taxonomy, "Taxonomy 1": Taxonomy, "Taxonomy1Code": Taxonomy, "Taxonomy 12": Taxonomy,
		"Primary_Taxonomy__c": Taxonomy, "Healthcare Provider Taxonomy Code_3": Taxonomy, "Secondary Taxonomy": Taxonomy,
		// addresses
		"Address Line 1": Address1, "Primary Practice Address Line1": Address1, "PRIMARY OFFICE ADDRESS": Address1, "Service Address": Address1,
		"Physical_Street": Address1, "Physical_Street__c": Address1, "Practice Street Address": Address1, "Address1and2": Address1,
		"Office Zip": PostalCode, "zip_extn": PostalExtension, "Practice Phone": Phone, "Location Fax #": Fax,
		// dates and actions
		"Effective Date": EffectiveDate, "Eff Date": EffectiveDate, "Initial BOM Dt": EffectiveDate, "Credentialing Date": EffectiveDate,
		"CP Wellness Eff Date": EffectiveDate, "PRVDR_HSTRY_EFCTV_DT": EffectiveDate,
		"term_date": TerminationDate, "Monitoring End Date": TerminationDate, "PRVDR_HSTRY_OBSLT_DT": TerminationDate,
		"Action_Flag": Action, "Add/Term": Action, "Action ADD/CHANGE": Action, "ACTION/ EFFECTIVE DATE / CHANGE OR TERM REASON": Action,
		// a patient's, or of no use
		"Patient Name": None, "Member Last Name": None, "Subscriber First Name": None, "Member Address": None, "Patient City": None,
		"DOB": None, "Birth Date": None, "SSN": None, "Social Security Number": None, "TIN/SSN": None, "Member ID": None, "ID": None,
		"Specialty": None, "Specialty 1": None, "Primary Specialty": None, "Email": None, "Gender": None, "": None, "#": None, "1": None,
		"Provider Other Last Name": None, "Authorized Official Last Name": None, "Provider Name Prefix Text": None,
	} {
		assert.Equal(t, want, recognize(header).field, "%q", header)
	}
	for _, header := range []string{"Mailing Address", "Billing City", "Remit To Zip", "Home Phone", "Correspondence State", "Provider Business Mailing Address City Name"} {
		c := recognize(header)
		assert.True(t, c.field == None || c.other, "%q is not where the provider practices", header)
	}
	assert.Equal(t, 12, recognize("Taxonomy 12").number)
	assert.Equal(t, 2, recognize("Secondary Taxonomy").number)
	assert.Equal(t, 1, recognize("Taxonomy1Code").number)
}

// Every header of the tables is found by its own words, and as templates
// decorate them.
func TestRecognizeTables(t *testing.T) {
	for n, m := range synonyms {
		assert.Equal(t, m.field, recognize(n).field, n)
		assert.Equal(t, m.field, recognize(" *"+n+"* ").field, n)
	}
	for n, m := range partsOf {
		if _, taken := synonyms[n]; !taken {
			assert.Equal(t, m.field, recognize(n).field, n)
			assert.Equal(t, m.field, recognize("Practice "+n).field, n)
		}
	}
}

func TestFieldNames(t *testing.T) {
	seen := map[string]bool{}
	for f := range fieldCount {
		assert.NotEmpty(t, f.String(), f)
		assert.False(t, seen[f.String()], f.String())
		seen[f.String()] = true
		got, ok := fieldOf(f.String())
		assert.True(t, ok)
		assert.Equal(t, f, got)
	}
	_, ok := fieldOf("nothing of the kind")
	assert.False(t, ok)
}

// One address is read, and it is of one place.
func TestChooseAddress(t *testing.T) {
	for _, c := range []struct {
		header []string
		want   []Field
	}{
		{[]string{"NPI", "Address", "City", "Practice Address", "Practice City"}, []Field{NPI, None, None, Address1, City}},
		{[]string{"NPI", "Practice Address", "City", "Mailing Address", "City", "Zip"}, []Field{NPI, Address1, City, None, None, None}},
		{[]string{"NPI", "Mailing Address", "City", "Service Address", "City", "Zip"}, []Field{NPI, None, None, Address1, City, PostalCode}},
		{[]string{"NPI", "Address 1", "Address 2", "City", "State", "Zip"}, []Field{NPI, Address1, Address2, City, State, PostalCode}},
		{[]string{"NPI", "Home Address", "Home City"}, []Field{NPI, None, None}},
		{[]string{"NPI", "State"}, []Field{NPI, None}}, // may be a licence's
		{[]string{"NPI", "State", "Zip"}, []Field{NPI, State, PostalCode}},
		{[]string{"NPI", "Phone", "Office Address", "Fax"}, []Field{NPI, Phone, Address1, Fax}},
	} {
		l := read(c.header, 1, nil)
		choose(l.cells, l.columns, 1, &report{})
		assert.Equal(t, c.want, l.table().Columns, "%q", c.header)
	}
}
