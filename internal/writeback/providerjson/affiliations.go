package providerjson

import "slices"

var identifierCodes = []string{
	"", "01", "02", "04", "05", "06", "07", "08", "1", "2", "4", "5", "6", "7", "8",
}

var identifierRules = rulesOf(sections[identifiers].shape).
	add(always, check{class: "I-REQ", says: "must be there, if only as an empty text", bad: notThere}, "identifier", "code", "state", "issuer").
	add(always, ifThere(among("I-CODE", identifierCodes)), "code").
	add(always, ifGiven(inStates("I-STATE")), "state").rows

func (v *validation) identifiers() {
	v.each(identifiers, func(e *entry) {
		v.lengths(e, "I-LEN")
		v.apply(e, identifierRules)
	})
}

func notThere(_ *validation, e *entry, i int) bool { return e.is(i, absent) }

// ifThere makes a check one that lets pass what is absent.
func ifThere(c check) check {
	bad := c.bad
	c.bad = func(v *validation, e *entry, i int) bool { return !e.is(i, absent) && bad(v, e, i) }
	c.says = "must be one of 01, 02, 04, 05, 06, 07, 08, with or without the zero, or empty"
	return c
}

var (
	purposes = []string{
		"HIE-EXCHANGE", "MEDICARE-NETWORK", "MEDICAID-NETWORK", "PRIVATE-PAYER-NETWORK", "ACO-NETWORK", "DOMAIN", "PARENT-ORGANIZATION",
	}
	dataTypes     = []string{"NPI-1", "NPI-2", "HPID", "OEID", "MAC", "EIN", "PAC-ID", "OTHER"}
	mailTypes     = []string{"DIRECT-EMAIL-ADDRESS", "REGULAR-EMAIL-ADDRESS"}
	endpointTypes = append(slices.Clone(mailTypes), "SOAP-WS-URL", "CONNECT-URL", "FHIR-URL", "RESTFUL-WS-URL", "WEBSITE-URL", "OTHER-URL")
)

var affiliationShape = sections[affiliations].shape

var (
	purpose      = affiliationShape.index("purpose")
	dataType     = affiliationShape.index("affiliation_data_type")
	endpointType = affiliationShape.index("endpoint_data_type")
)

var affiliationRules = rulesOf(affiliationShape).
	add(always, among("F-PURPOSE", purposes), "purpose").
	add(always, among("F-DATATYPE", dataTypes), "affiliation_data_type").
	add(always, check{class: "F-DATATYPE-REQ", says: "must be given where the purpose is none of the list", bad: noDataType}, "affiliation_data_type").
	add(always, choice("F-ENDTYPE", endpointTypes), "endpoint_data_type").
	add(always, neededFor("F-ENDTYPE-REQ", "HIE-EXCHANGE"), "endpoint_data_type").
	add(always, check{class: "F-IDENT-REQ", says: "must be given", bad: noIdentifier}, "affiliation_identifier").
	add(always, neededFor("F-ENDPOINT-REQ", "HIE-EXCHANGE", "DOMAIN"), "endpoint").
	add(always, trueOrFalse("F-ANP"), "accepting_new_patients").
	add(always, trueOrFalse("F-ADR"), "for_additional_documentation_request").
	add(always, neededFor("F-STATE-REQ", "MEDICAID-NETWORK"), "state").
	add(always, ifGiven(inStates("F-STATE")), "state").
	add(always, check{class: "F-LUHN", reads: true, says: "must be an NPI, and its check digit is wrong", bad: noNPI}, "affiliation_identifier").
	add(always, check{class: "F-EMAIL", reads: true, says: "must be an e-mail address", bad: noAddress}, "endpoint").rows

func (v *validation) affiliations() {
	v.each(affiliations, func(e *entry) {
		v.lengths(e, "F-LEN")
		v.apply(e, affiliationRules)
	})
}

// noDataType is asked of an empty type, and not of an absent one, as the
// reference does.
func noDataType(_ *validation, e *entry, i int) bool {
	return e.is(i, text) && e.text(i) == "" && !slices.Contains(purposes, e.text(purpose))
}

func noIdentifier(_ *validation, e *entry, i int) bool {
	return !e.given(i) && slices.Contains(dataTypes, e.text(dataType))
}

// neededFor is of a member that must be given for some purposes.
func neededFor(class string, which ...string) check {
	c := unnamed(required(class))
	c.says += " for this purpose"
	c.bad = func(_ *validation, e *entry, i int) bool {
		return !e.given(i) && slices.Contains(which, e.text(purpose))
	}
	return c
}

func noNPI(_ *validation, e *entry, i int) bool {
	return (e.text(dataType) == "NPI-1" || e.text(dataType) == "NPI-2") && !(e.is(i, text) && luhn(e.text(i)))
}

func noAddress(_ *validation, e *entry, i int) bool {
	return slices.Contains(mailTypes, e.text(endpointType)) && !email(e.text(i))
}
