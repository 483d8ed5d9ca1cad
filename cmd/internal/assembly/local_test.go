package assembly

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/go-json-experiment/json"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/npiflow/npiflow/config"
	"github.com/npiflow/npiflow/internal/enrich"
	"github.com/npiflow/npiflow/internal/enrich/local"
	"github.com/npiflow/npiflow/internal/enrich/local/bulk"
	"github.com/npiflow/npiflow/internal/mirror"
	"github.com/npiflow/npiflow/internal/record"
	"github.com/npiflow/npiflow/testdata/demo"
)

// importFiles imports files into the house's local registry.
func (h *house) importFiles(paths ...string) {
	h.t.Helper()
	files, err := bulk.Recognize(paths...)
	require.NoError(h.t, err)
	_, err = local.Import(h.t.Context(), h.cfg.Enrich.Local.Dir, files, local.Options{Sample: true})
	require.NoError(h.t, err)
}

// withFiles gives the house a folder for a local registry and the sample
// files, of which the first is the full one.
func (h *house) withFiles() []string {
	h.cfg.Enrich.Local.Dir = filepath.Join(h.t.TempDir(), "registry")
	paths, err := demo.WriteBulk(h.t.TempDir(), time.Now())
	require.NoError(h.t, err)
	return paths
}

// listed are the NPIs of a full file.
func listed(t *testing.T, path string) (npis []string) {
	body, err := os.ReadFile(path)
	require.NoError(t, err)
	for _, row := range strings.Split(strings.TrimSpace(string(body)), "\n")[1:] {
		npis = append(npis, row[1:11])
	}
	return npis
}

func billedBy(id, npi string, verdict record.Verdict) input {
	return input{record.KindClaim, fmt.Sprintf(`{"id":%q,"service_from":"2026-10-05","patient":"SECRETDOE","providers":[{"role":"billing","npi":"%s"}]}`, id, npi), verdict, false}
}

// lastEvidence is that of the last claim's first provider.
func (h *house) lastEvidence() record.Evidence {
	h.t.Helper()
	all := h.all("NPI_RESULTS_CLAIM")
	var r record.Result
	require.NoError(h.t, json.Unmarshal(all[len(all)-1].Data(), &r))
	require.NotNil(h.t, r.Providers[0].Answer)
	return *r.Providers[0].Evidence
}

// What the files know is worked while the live registry is down; the lane
// holds once it comes to what they do not.
func TestTheFilesCarryALaneThroughAnOutage(t *testing.T) {
	t.Parallel()
	h := newHouse(t, config.SyncDefault)
	h.cfg.Enrich.API.Timeout, h.cfg.Enrich.Breaker.Failures = 100*time.Millisecond, 2
	paths := h.withFiles()
	h.importFiles(paths[0])
	h.registry.SetMood(mirror.Mood{Fault: mirror.HTML200})
	w := h.work()
	npis := listed(t, paths[0])
	half := len(npis) / 2
	for i, npi := range npis[:half] {
		h.put(billedBy(fmt.Sprint("f", i), npi, record.Clean))
	}
	h.await()
	assert.Zero(t, h.registry.Requests(), "nobody was asked")
	e := h.lastEvidence()
	assert.Equal(t, record.FromLocal, e.Source)
	assert.False(t, e.Stale)
	assert.Zero(t, w.metric("npiflow_lane_holding", "claim"))

	h.put(distinct(1))
	h.until(func() bool { return w.metric("npiflow_lane_holding", "claim") == 1 }, "the lane holds")
	for i, npi := range npis[half:] {
		h.put(billedBy(fmt.Sprint("g", i), npi, record.Clean))
	}
	assert.Equal(t, half, h.results(), "and keeps the order")

	h.registry.SetMood(mirror.Mood{})
	h.await()
	h.until(func() bool { return w.metric("npiflow_breaker_state", string(enrich.Closed)) == 1 }, "the breaker closes")
	w.drain()
	h.check()
}

// A running worker goes over to what is imported under its eyes.
func TestAnImportIsNoticed(t *testing.T) {
	t.Parallel()
	h := newHouse(t, config.SyncDefault)
	paths := h.withFiles()
	npi := listed(t, paths[0])[0]
	w := h.work()
	h.put(billedBy("before", npi, record.Clean))
	h.await()
	require.Equal(t, record.FromAPI, h.lastEvidence().Source)
	require.Zero(t, w.metric("npiflow_registry_usable"))

	h.importFiles(paths[0])
	h.until(func() bool { return w.metric("npiflow_registry_usable") == 1 }, "the worker sees the registry")
	h.until(func() bool {
		h.put(billedBy("between", npi, record.Clean))
		h.await()
		return h.lastEvidence().Source == record.FromLocal
	}, "and forgets what it was told before")

	report := filepath.Join(t.TempDir(), "NPPES Deactivated NPI Report "+time.Now().UTC().AddDate(0, 0, 1).Format("20060102")+".csv")
	require.NoError(t, os.WriteFile(report, fmt.Appendf(nil, "NPI,NPPES Deactivation Date\n%s,01/02/2026\n", npi), 0o600))
	h.importFiles(report)
	before := len(h.input)
	h.until(func() bool {
		h.put(billedBy("after", npi, record.Flagged))
		h.await()
		return h.lastEvidence().Source == record.FromDeactivations
	}, "the list counts from now on")
	for i := range h.input[before : len(h.input)-1] {
		h.input[before+i].verdict = record.Clean // vetted before the worker saw the list
	}
	assert.Equal(t, record.Date(2026_01_02), h.lastEvidence().DeactivationDate)
	w.drain()
	h.check()
}

// A registry that is damaged is said to be so, and the live one answers.
func TestADamagedRegistryIsNoOutage(t *testing.T) {
	t.Parallel()
	h := newHouse(t, config.SyncDefault)
	paths := h.withFiles()
	h.importFiles(paths[0])
	require.NoError(t, filepath.WalkDir(h.cfg.Enrich.Local.Dir, func(path string, d os.DirEntry, err error) error {
		if err != nil || d.IsDir() || d.Name() == "CURRENT" {
			return err
		}
		return os.Truncate(path, 0)
	}))
	w := h.work()
	for i, npi := range listed(t, paths[0])[:20] {
		h.put(billedBy(fmt.Sprint("d", i), npi, record.Clean))
	}
	h.await()
	assert.Equal(t, record.FromAPI, h.lastEvidence().Source)
	assert.Zero(t, w.metric("npiflow_registry_usable"))
	assert.Contains(t, w.log.String(), "import the monthly file again")
	w.drain()
	h.check()
}
