package providerjson

var addressPurposes = []string{
	"LOCATION", "MAILING", "MEDREC-STORAGE", "1099", "REVALIDATION", "ADDITIONAL-LOCATION", "REMITTANCE", "TELEMEDICINE",
	"ADDITIONAL-DOCUMENTATION-REQUESTS", // longer than a purpose may be, so never right
}

var addressShape = sections[addresses].shape

var addressPurpose = addressShape.index("address_purpose")

var addressRules = rulesOf(addressShape).
	add(always, plainText, "address_1", "address_2", "city", "state", "zip").
	add(always, among("A-TYPE", []string{"DOM", "MIL", "FGN"}), "address_type").
	add(always, boolean("A-OVR"), "override_address_standardization").
	add(always, boolean("A-ACC"), "accept_address_standardization").
	add(always, among("A-PURPOSE", addressPurposes), "address_purpose").
	add(always, required("A-REQ"), "address_1", "city", "state", "zip", "country_code").
	add(always, inStates("A-STATE"), "state").
	add(always, inCountries("A-COUNTRY"), "country_code").rows

// plainText is of the members that the reference puts together to a line
// without looking: null breaks it like any other value that is no text. What
// is given has been looked at for its length.
var plainText = check{class: wrongType, says: "must be text", named: true,
	bad: func(_ *validation, e *entry, i int) bool { return e.is(i, null) || e.is(i, no) || e.is(i, void) }}

func (v *validation) addresses() {
	location, mailing := false, false
	v.each(addresses, func(e *entry) {
		v.lengths(e, "A-LEN")
		v.apply(e, addressRules)
		location = location || e.text(addressPurpose) == "LOCATION"
		mailing = mailing || e.text(addressPurpose) == "MAILING"
	})
	if v.broken[addresses] {
		return
	}
	if !location && (v.kind == Individual || v.kind == Organization) {
		v.fail(&v.top, addressesMember, "A-NO-LOCATION", "must have one of the purpose LOCATION")
	}
	if !mailing {
		v.fail(&v.top, addressesMember, "A-NO-MAILING", "must have one of the purpose MAILING")
	}
}

var addressesMember = documentShape.index("addresses")
