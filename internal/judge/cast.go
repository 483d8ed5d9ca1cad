package judge

import (
	"strings"

	"github.com/npiflow/npiflow/internal/record"
)

// cast answers who plays which part in a claim, for the rules about several
// providers at once. They compare identifiers that are sound; a roster lists
// providers that have nothing to do with each other.
type cast struct {
	e       *record.Enriched
	renders bool // there is a rendering provider, on whatever line, with or without an NPI
	// The first mention of each part, kept only for claims of many: for few
	// a look through the list is quicker than making it.
	first map[part]int
}

// part is a role for the whole claim (line 0) or for one line.
type part struct {
	role record.Role
	line int
}

const few = 16

func castOf(e *record.Enriched) cast {
	c := cast{e: e}
	if len(e.Mentions) > few {
		c.first = make(map[part]int, len(e.Mentions))
	}
	for i := range e.Mentions {
		m := &e.Mentions[i]
		c.renders = c.renders || m.Role == record.Rendering
		if c.first == nil || c.npi(i) == 0 {
			continue
		}
		if _, known := c.first[part{m.Role, m.Line}]; !known {
			c.first[part{m.Role, m.Line}] = i
		}
	}
	return c
}

func (c *cast) npi(i int) record.NPI {
	if i < len(c.e.NPIs) {
		return c.e.NPIs[i]
	}
	return 0
}

// find gives the first mention of a part that has a sound NPI.
func (c *cast) find(role record.Role, line int) (int, bool) {
	if c.first != nil {
		i, ok := c.first[part{role, line}]
		return i, ok
	}
	for i := range c.e.Mentions {
		if m := &c.e.Mentions[i]; m.Line == line && m.Role == role && c.npi(i) != 0 {
			return i, true
		}
	}
	return 0, false
}

// on gives who plays a role on a line: the line's own provider goes before the
// claim's.
func (c *cast) on(role record.Role, line int) (int, bool) {
	if i, ok := c.find(role, line); ok || line == 0 {
		return i, ok
	}
	return c.find(role, 0)
}

// flags adds to a mention's flags those that come of the other mentions.
func (c *cast) flags(flags []record.Flag, i int) []record.Flag {
	if c.e.Kind != record.KindClaim || c.npi(i) == 0 {
		return flags
	}
	m := &c.e.Mentions[i]
	if first, ok := c.find(m.Role, m.Line); ok && first < i && c.npi(first) != c.npi(i) {
		flags = append(flags, ruleOf(m.Role).flags[twoProviders])
	}
	switch m.Role {
	case record.Billing:
		if c.lacksRendering(i) {
			flags = append(flags, ruleOf(record.Rendering).flags[noRendering])
		}
	case record.ServiceFacility:
		switch biller, ok := c.find(record.Billing, 0); {
		case ok && c.npi(biller) == c.npi(i):
			flags = append(flags, ruleOf(m.Role).flags[facilityBills])
		case ok && c.partOf(i, biller):
			flags = append(flags, ruleOf(m.Role).flags[facilityPart])
		}
	case record.Supervising:
		if renders, ok := c.on(record.Rendering, m.Line); ok && c.npi(renders) == c.npi(i) {
			flags = append(flags, ruleOf(m.Role).flags[supervisesSelf])
		}
	}
	return flags
}

// partOf reports whether the registry holds one organization for a part of
// another, by the name it has for the parent.
func (c *cast) partOf(i, whole int) bool {
	if !known(c.e.Entries, i) || !known(c.e.Entries, whole) {
		return false
	}
	parent := c.e.Entries[i].Evidence.ParentOrganization
	return parent != "" && strings.EqualFold(parent, c.e.Entries[whole].Evidence.Name.Organization)
}

// lacksRendering reports whether an organization bills a service in an office
// without saying who rendered it, as Medicare's contractors and others demand.
// A rendering provider without an NPI is another finding.
func (c *cast) lacksRendering(i int) bool {
	if c.renders || c.e.ClaimType != record.Professional || c.e.Place != office || !known(c.e.Entries, i) {
		return false
	}
	e := c.e.Entries[i]
	t := e.Primary()
	return e.Evidence.Type == record.NPI2 && (t == nil || !rendersItself(t.Code))
}

// office is CMS's place of service code for one.
const office = "11"

// rendersItself tells by its taxonomy an organization whose services need no
// person: laboratories, suppliers, transport, and ambulatory surgical centers.
func rendersItself(taxonomy string) bool {
	for _, group := range []string{"29", "33", "34", "261QA1903X"} {
		if strings.HasPrefix(taxonomy, group) {
			return true
		}
	}
	return false
}
