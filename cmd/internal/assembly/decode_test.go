package assembly

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/npiflow/npiflow/config"
	"github.com/npiflow/npiflow/internal/consumer"
	"github.com/npiflow/npiflow/internal/format"
	"github.com/npiflow/npiflow/internal/record"
)

// reading is a handler that reads every format.
func reading(kind record.Kind) *Handler {
	h := handler(kind, 1<<20)
	h.Pipeline.Decode = decoder(&format.Formats{}, prometheus.NewRegistry())
	return h
}

func of(t *testing.T, contentType, path string) *consumer.Delivery {
	t.Helper()
	data, err := os.ReadFile(filepath.Join("..", "..", "..", "internal", "format", path))
	require.NoError(t, err)
	d := delivery(string(data))
	if contentType != "" {
		d.Header.Set("Content-Type", contentType)
	}
	return d
}

// results are what an outcome stores, with the idempotency key of each right.
func results(t *testing.T, o consumer.Outcome) (all []record.Result) {
	t.Helper()
	for i, m := range o.Results {
		r := resultOf(t, m)
		assert.Equal(t, i, r.Source.Index)
		assert.EqualValues(t, 7, r.Source.Sequence)
		all = append(all, r)
	}
	return all
}

// Whatever a message is in, each of its records gets a result.
func TestMessagesInEveryFormat(t *testing.T) {
	for _, c := range []struct {
		kind        record.Kind
		contentType string
		path        string
		records     int
	}{
		{record.KindClaim, "", "x12/testdata/837p/imsweb-x12_multiple_isa.txt", 4},
		{record.KindClaim, "application/EDI-X12", "x12/testdata/837p/imsweb-x12_complex.txt", 6},
		{record.KindClaim, "text/plain", "x12/testdata/837i/lfh-two-claims-single-provider.837i", 2},
		{record.KindClaim, "application/octet-stream", "x12/testdata/837d/stupidedi-sales-tax.edi", 1},
		{record.KindClaim, "application/fhir+json", "fhir/testdata/bfd-ExplanationOfBenefit-Carrier.json", 1},
		{record.KindClaim, "", "fhir/testdata/bfd-ExplanationOfBenefit-Outpatient.json", 1},
		{record.KindRoster, "", "fhir/testdata/dpc-practitioner_bundle.json", 4},
	} {
		t.Run(c.path, func(t *testing.T) {
			o, err := reading(c.kind).Do(t.Context(), of(t, c.contentType, c.path))
			require.NoError(t, err)
			all := results(t, o)
			require.Len(t, all, c.records)
			for _, r := range all {
				assert.NotEqual(t, record.Dead, r.Verdict, "%+v", r.Dead)
				assert.NotEmpty(t, r.ID)
				assert.NotEmpty(t, r.Providers)
			}
		})
	}
}

// A record that cannot be read is dead by itself; its neighbours are not, and
// the original is kept once.
func TestOneOfManyCannotBeRead(t *testing.T) {
	d := of(t, "", "x12/testdata/837p/imsweb-x12_multiple_isa.txt")
	at := bytes.Index(d.Data, []byte("CLM*")) + len("CLM*")
	end := at + bytes.IndexByte(d.Data[at:], '*')
	d.Data = append(append([]byte(nil), d.Data[:at]...), d.Data[end:]...) // the first claim loses its id
	h := reading(record.KindClaim)
	o, err := h.Do(t.Context(), d)
	require.NoError(t, err)
	all := results(t, o)
	require.Len(t, all, 4)
	assert.Equal(t, record.Dead, all[0].Verdict)
	require.NotNil(t, all[0].Dead)
	assert.Contains(t, all[0].Dead.Reason, "CLM")
	for _, r := range all[1:] {
		assert.NotEqual(t, record.Dead, r.Verdict)
	}
	letters := 0
	for _, m := range o.Before {
		if strings.HasPrefix(m.Subject, "npi.dead.") {
			letters++
			assert.Equal(t, d.Data, m.Data)
		}
	}
	assert.Equal(t, 1, letters)
}

// A document of somebody's own make, as the configuration's own example
// describes it.
func TestMappedMessages(t *testing.T) {
	c := config.Default()
	c.Formats.JSON = []config.JSONFormat{{Name: "ours", Kind: "claim", When: "/ClaimNumber", ID: "/ClaimNumber", Dates: "01/02/2006", ServiceFrom: "/From",
		Providers: []config.JSONProvider{{Role: "billing", NPI: "/Biller/Npi"}}}}
	f, err := Formats(c)
	require.NoError(t, err)
	h := reading(record.KindClaim)
	h.Pipeline.Decode = decoder(&f, nil)
	o, err := h.Do(t.Context(), delivery(`{"ClaimNumber":"A7","From":"03/02/2026","Patient":"DOE","Biller":{"Npi":"1851713903"}}`))
	require.NoError(t, err)
	all := results(t, o)
	require.Len(t, all, 1)
	assert.Equal(t, "A7", all[0].ID)
	assert.Equal(t, "1851713903", all[0].Providers[0].NPI)

	o, err = h.Do(t.Context(), delivery(`{"id":"c","providers":[{"role":"billing","npi":"1851713903"}]}`))
	require.NoError(t, err)
	assert.Equal(t, "c", results(t, o)[0].ID, "others are read as they were")
}

func TestMessagesThatHoldNoRecord(t *testing.T) {
	for name, d := range map[string]*consumer.Delivery{
		"an acknowledgement": of(t, "", "x12/testdata/ack/imsweb-x12_999_accepted.txt"),
		"cut off":            delivery("ISA*00*"),
		"another kind":       of(t, "", "fhir/testdata/dpc-practitioner_bundle.json"),
		"no format at all":   delivery("hello"),
		"nothing":            delivery(""),
	} {
		t.Run(name, func(t *testing.T) {
			o, err := reading(record.KindClaim).Do(t.Context(), d)
			require.NoError(t, err)
			all := results(t, o)
			require.NotEmpty(t, all)
			for _, r := range all {
				assert.Equal(t, record.Dead, r.Verdict)
				assert.NotEmpty(t, r.Dead.Reason)
			}
			assert.Len(t, o.Before, 1)
		})
	}
}

func TestTooManyRecords(t *testing.T) {
	var b strings.Builder
	b.WriteString("NPI,Last Name,First Name\n")
	for range mostRecords + 1 {
		b.WriteString("1234567893,DOE,JANE\n")
	}
	o, err := reading(record.KindRoster).Do(t.Context(), delivery(b.String()))
	require.NoError(t, err)
	all := results(t, o)
	require.Len(t, all, 1)
	assert.Contains(t, all[0].Dead.Reason, "10,000")
}

// A message that had begun to be stored and is now a dead letter gets as many
// results as it began with.
func TestDeadInParts(t *testing.T) {
	d := delivery("x")
	d.Parts = 3
	o := reading(record.KindClaim).Dead(d, "why")
	require.Len(t, results(t, o), 3)
	require.Len(t, o.Before, 1)
}

func TestFormatsAreCounted(t *testing.T) {
	reg := prometheus.NewRegistry()
	h := handler(record.KindClaim, 1<<20)
	h.Pipeline.Decode = decoder(&format.Formats{}, reg)
	_, err := h.Do(t.Context(), of(t, "", "x12/testdata/837p/imsweb-x12_valid.txt"))
	require.NoError(t, err)
	families, err := reg.Gather()
	require.NoError(t, err)
	seen := map[string]float64{}
	for _, f := range families {
		for _, m := range f.GetMetric() {
			seen[fmt.Sprint(f.GetName(), m.GetLabel())] = m.GetCounter().GetValue()
		}
	}
	assert.Len(t, seen, len(format.Names)+2*(len(format.Names)-1), "every label value is there from the start")
}
