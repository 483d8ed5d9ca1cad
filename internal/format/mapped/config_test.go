package mapped

import (
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/npiflow/npiflow/config"
)

// The configuration has the same fields as a mapping (or this would not
// compile), and refuses what New refuses.
func TestConfigurationAgrees(t *testing.T) {
	type change = func(*config.JSONFormat)
	roster := func(j *config.JSONFormat) { j.Kind, j.Providers[0].Role = "roster", "group" }
	var each []change
	for _, role := range append([]string{"", "boss", "/a", "/~"}, roles...) {
		each = append(each, func(j *config.JSONFormat) { j.Providers[0].Role = role })
		each = append(each, func(j *config.JSONFormat) { roster(j); j.Providers[0].Role = role })
		each = append(each, func(j *config.JSONFormat) {
			j.Providers[0].Role, j.Providers[0].Roles = "/r", map[string]string{"a": role}
		})
	}
	for _, text := range append(append([]string{"", "x", "/a", "/~0", "/~", "claim", "roster", "individual"}, Layouts...), append(append(claimTypes, entities...), purposes...)...) {
		each = append(each,
			func(j *config.JSONFormat) { j.Name = text }, func(j *config.JSONFormat) { j.Kind = text }, func(j *config.JSONFormat) { j.When = text },
			func(j *config.JSONFormat) { j.Value = text }, func(j *config.JSONFormat) { j.Records = text }, func(j *config.JSONFormat) { j.Dates = text },
			func(j *config.JSONFormat) { j.ID = text }, func(j *config.JSONFormat) { j.Type = text }, func(j *config.JSONFormat) { j.Types = map[string]string{"a": text} },
			func(j *config.JSONFormat) { j.ServiceFrom = text }, func(j *config.JSONFormat) { j.PlaceOfService = text }, func(j *config.JSONFormat) { j.Credential = text },
			func(j *config.JSONFormat) { roster(j); j.ServiceTo = text }, func(j *config.JSONFormat) { roster(j); j.Action = text },
			func(j *config.JSONFormat) { roster(j); j.Taxonomies = []string{text} }, func(j *config.JSONFormat) { j.Taxonomies = []string{text} },
			func(j *config.JSONFormat) { roster(j); j.Addresses = []config.JSONAddress{{Purpose: text, City: "/c"}} },
			func(j *config.JSONFormat) { roster(j); j.Addresses = []config.JSONAddress{{Fax: text}} },
			func(j *config.JSONFormat) { roster(j); j.Providers[0].Each = text }, func(j *config.JSONFormat) { j.Providers[0].Each = text },
			func(j *config.JSONFormat) { j.Providers[0].NPI = text }, func(j *config.JSONFormat) { j.Providers[0].Entity = text },
			func(j *config.JSONFormat) { j.Providers[0].Entities = map[string]string{"a": text} }, func(j *config.JSONFormat) { j.Providers[0].TIN = text },
			func(j *config.JSONFormat) { j.Providers = nil },
		)
	}
	for i, change := range each {
		c := config.Default()
		c.Formats.JSON = []config.JSONFormat{{Name: "a", Kind: "claim", When: "/w", ID: "/i", Providers: []config.JSONProvider{{Role: "billing", NPI: "/n"}}}}
		change(&c.Formats.JSON[0])
		_, ours := New([]Mapping{Mapping(c.Formats.JSON[0])})
		theirs := c.Validate()
		assert.Equal(t, ours == nil, theirs == nil, "%d: %+v\n%v\n%v", i, c.Formats.JSON[0], ours, theirs)
	}
}
