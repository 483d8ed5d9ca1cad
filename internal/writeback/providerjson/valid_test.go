package providerjson

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/npiflow/npiflow/internal/record"
)

const today record.Date = 20261122

var (
	everyType   = []string{Individual, Organization, AtypicalIndividual, HealthPlan}
	everyAction = []Action{Create, Update, Public}
)

// valid gives the document of testdata for a type, fit for the action.
func valid(t testing.TB, kind string, a Action) map[string]any {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("testdata", kind+".json"))
	require.NoError(t, err)
	d := decode(t, text)
	if a == Create {
		return d
	}
	d["number"] = "1234567893"
	for _, private := range []string{"gender", "date_of_birth", "state_of_birth", "country_of_birth", "ssn"} {
		delete(d["basic"].(map[string]any), private)
	}
	return d
}

func TestValid(t *testing.T) {
	for _, kind := range everyType {
		for _, a := range everyAction {
			r := Validate(encode(t, valid(t, kind, a)), a, today, nil)
			assert.Empty(t, r.Errors, "%s %s", kind, a)
			assert.Empty(t, r.Warnings, "%s %s", kind, a)
		}
	}
}
