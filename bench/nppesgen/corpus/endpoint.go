package corpus

// endpoint is where a provider is reached electronically.
type endpoint struct {
	kind        *endpointKind
	host        words // between the kind's own two parts
	affiliation words // of whom it is; nothing where it is the provider's own
	use         *[2]string
	at          address
}

type endpointKind struct{ code, description, before, after string }

var endpointKinds = []endpointKind{
	{"DIRECT", "Direct Messaging Address", "", ".medicine@direct.example.org"},
	{"DIRECT", "Direct Messaging Address", "info@", ".direct.example.com"},
	{"FHIR", "FHIR URL", "https://fhir.example.com/", "/api/FHIR/R4/"},
	{"CONNECT", "CONNECT URL", "https://connect.example.com/", ""},
	{"SOAP", "SOAP URL", "https://soap.example.com/", "/services?wsdl"},
	{"OTHERS", "Other URL", "http://www.", ".example.com"},
}

var endpointUses = [][2]string{{"", ""}, {"DIRECT", "Direct"}, {"HIE", "Health Information Exchange (HIE)"}, {"OTHER", "Other"}}

func (m *maker) endpoint(p *provider) endpoint {
	e := endpoint{kind: &endpointKinds[m.IntN(len(endpointKinds))], host: words{pick(m.dice, surnameHeads), pick(m.dice, surnameTails)}}
	e.use, e.at = &endpointUses[m.IntN(len(endpointUses))], p.practice
	if m.chance(300) {
		e.affiliation = m.business(p.practice.city)
	}
	return e
}
