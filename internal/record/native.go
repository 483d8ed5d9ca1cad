package record

import "strconv"

// AppendJSON appends the record's native JSON form, as Decode reads it: what a
// record is made of and nothing else of the input it came from. Paths are not
// kept: in the native form they are the places there.
func (r *Record) AppendJSON(b []byte) []byte {
	b = appendString(append(b, `{"id":`...), r.ID)
	if r.Kind == KindRoster && r.Roster != nil && len(r.Mentions) > 0 {
		b = r.appendRoster(b)
	} else {
		b = appendMembers(b, `,"type":`, string(r.ClaimType))
		b = appendDate(appendDate(b, "service_from", r.ServiceFrom), "service_to", r.ServiceTo)
		b = appendMembers(b, `,"place_of_service":`, r.Place)
		b = appendList(append(b, `,"providers":`...), r.Mentions, (*Mention).append)
	}
	return append(b, '}')
}

func (r *Record) appendRoster(b []byte) []byte {
	own, rest := &r.Mentions[0], r.Mentions[1:]
	kind := r.Roster.EnumerationType
	if own.Role == Group {
		kind = NPI2
	}
	b = appendMembers(b, `,"npi":`, own.NPI)
	name := own.OrganizationName
	if len(rest) > 0 && rest[0].Role == Group && rest[0].NPI != "" {
		b = appendMembers(b, `,"group_npi":`, rest[0].NPI)
		if own.Role != Group {
			name = rest[0].OrganizationName
		}
		rest = rest[1:]
	}
	b = appendMembers(b, `,"enumeration_type":`, kind, `,"organization_name":`, name,
		`,"first_name":`, own.FirstName, `,"middle_name":`, own.MiddleName, `,"last_name":`, own.LastName, `,"suffix":`, own.Suffix,
		`,"credential":`, r.Roster.Credential, `,"tin":`, r.Roster.TIN)
	if len(r.Roster.Taxonomies) > 0 {
		b = appendList(append(b, `,"taxonomies":`...), r.Roster.Taxonomies, (*Taxonomy).append)
	}
	if len(r.Roster.Addresses) > 0 {
		b = appendList(append(b, `,"addresses":`...), r.Roster.Addresses, (*Address).append)
	}
	b = appendDate(appendDate(b, "effective_date", r.Roster.EffectiveDate), "termination_date", r.Roster.TerminationDate)
	b = appendMembers(b, `,"action":`, r.Roster.Action)
	if len(rest) > 0 {
		b = appendList(append(b, `,"providers":`...), rest, (*Mention).append)
	}
	return b
}

func (m *Mention) append(b []byte) []byte {
	b = appendString(append(b, `{"role":`...), string(m.Role))
	b = appendMembers(b, `,"npi":`, m.NPI)
	if m.Line != 0 {
		b = strconv.AppendInt(append(b, `,"line":`...), int64(m.Line), 10)
	}
	b = appendMembers(b, `,"entity":`, string(m.Entity), `,"organization_name":`, m.OrganizationName,
		`,"first_name":`, m.FirstName, `,"middle_name":`, m.MiddleName, `,"last_name":`, m.LastName, `,"suffix":`, m.Suffix,
		`,"taxonomy":`, m.Taxonomy, `,"tin":`, m.TIN)
	if m.OtherID {
		b = append(b, `,"other_id":true`...)
	}
	if m.Address != nil {
		b = m.Address.append(append(b, `,"address":`...))
	}
	return append(b, '}')
}

func (a *Address) append(b []byte) []byte {
	return appendObject(b, `,"address_purpose":`, a.Purpose, `,"address_1":`, a.Address1, `,"address_2":`, a.Address2,
		`,"city":`, a.City, `,"state":`, a.State, `,"postal_code":`, a.PostalCode, `,"country_code":`, a.CountryCode,
		`,"telephone_number":`, a.Phone, `,"fax_number":`, a.Fax)
}

func (t *Taxonomy) append(b []byte) []byte {
	b = appendString(append(b, `{"code":`...), t.Code)
	b = appendMembers(b, `,"description":`, t.Description, `,"group":`, t.Group, `,"state":`, t.State, `,"license":`, t.License)
	if t.Primary {
		b = append(b, `,"primary":true`...)
	}
	return append(b, '}')
}

func appendList[T any](b []byte, list []T, each func(*T, []byte) []byte) []byte {
	b = append(b, '[')
	for i := range list {
		if i > 0 {
			b = append(b, ',')
		}
		b = each(&list[i], b)
	}
	return append(b, ']')
}
