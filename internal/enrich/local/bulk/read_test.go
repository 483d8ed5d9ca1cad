package bulk

import (
	"strings"
	"testing"

	"github.com/go-json-experiment/json"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/npiflow/npiflow/internal/record"
)

// copied is v with nothing of the reader's memory in it.
func copied[T any](t testing.TB, v *T) *T {
	t.Helper()
	b, err := json.Marshal(v)
	require.NoError(t, err)
	c := new(T)
	require.NoError(t, json.Unmarshal(b, c))
	return c
}

func TestFullZip(t *testing.T) {
	k, r := read(t, zipped(t, "NPPES_Data_Dissemination_January_2018.zip", full(t)...))
	assert.Equal(t, &Report{Rows: 99, Accepted: 99, ReferenceRows: 19, LatestUpdate: r.LatestUpdate, Rejected: map[Reason]int{}}, r)
	assert.Len(t, k.providers, 99)
	assert.Len(t, k.otherNames, 9)
	assert.Len(t, k.locations, 9)
	assert.Len(t, k.endpoints, 1)
}

// In the steady state a row takes no memory.
func TestNoMemoryPerRow(t *testing.T) {
	text := sample(t, "npidata_2018.csv")
	head, rows, _ := strings.Cut(text, "\n")
	taken := func(times int) float64 {
		f := one(t, plain(t, mainName, head+"\n"+strings.Repeat(rows, times)))
		return testing.AllocsPerRun(3, func() {
			_, err := f.Read(t.Context(), Sink{Provider: func(*record.Entry) error { return nil }})
			require.NoError(t, err)
		})
	}
	assert.InDelta(t, taken(1), taken(41), 30, "for 4,000 rows more")
}
