package mirror

import (
	"io"
	"maps"
	"net/http/httptest"
	"net/url"
	"slices"
	"strconv"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/npiflow/npiflow/internal/checksum"
	"github.com/npiflow/npiflow/internal/record"
)

// crowd is a shipment of people and organizations that differ in name and
// place.
func crowd(t testing.TB, n int) *shipment {
	s := ship()
	models := [2]object{recorded(t, "individuals_2026.json")[0], recorded(t, "organization_2026.json")[0]}
	for npi := record.NPI(1_300_000_000); n > 0; npi++ {
		if !checksum.Valid(npi) {
			continue
		}
		n--
		r := maps.Clone(models[n%2])
		basic := maps.Clone(r["basic"].(object))
		r["number"], r["basic"] = npi.String(), basic
		if n%2 == 0 {
			basic["last_name"], basic["first_name"] = lastNames[n%len(lastNames)], firstNames[n%len(firstNames)]
		} else {
			basic["organization_name"], basic["authorized_official_last_name"] = lastNames[n%len(lastNames)]+" CLINIC", "SMITH"
		}
		s.add(r)
	}
	return s
}

// TestAClientThatPagesFindsEveryoneOnce asks as clients of the registry do:
// page by page, until one has fewer results than it could.
func TestAClientThatPagesFindsEveryoneOnce(t *testing.T) {
	const size = 450
	s := crowd(t, size)
	var all, people []string
	for _, row := range s.rows["npidata"] {
		all = append(all, row["NPI"])
		if row["Entity Type Code"] == "1" {
			people = append(people, row["NPI"])
		}
	}
	srv := httptest.NewServer(NewAPI(s.imported(t)))
	defer srv.Close()
	defer srv.Client().CloseIdleConnections()
	pages := func(query url.Values, limit int) (found []string) {
		for {
			query.Set("version", "2.1")
			query.Set("limit", strconv.Itoa(limit))
			query.Set("skip", strconv.Itoa(len(found)))
			resp, err := srv.Client().Get(srv.URL + "/api?" + query.Encode())
			require.NoError(t, err)
			body, err := io.ReadAll(resp.Body)
			require.NoError(t, err)
			require.NoError(t, resp.Body.Close())
			assert.Equal(t, "application/json", resp.Header.Get("Content-Type"))
			assert.Equal(t, "no-cache, no-store, must-revalidate", resp.Header.Get("Cache-Control"))
			page := numbers(t, string(body))
			found = append(found, page...)
			if len(page) < limit {
				return found
			}
		}
	}
	for _, limit := range []int{7, 50, 200} {
		found := pages(url.Values{"state": {"CA"}, "country_code": {"US"}, "city": {"HESPERIA"}}, limit)
		assert.ElementsMatch(t, people, found)
		assert.Len(t, found, size/2, "nobody twice")
	}
	found := slices.Concat(pages(url.Values{"postal_code": {"92345"}}, 100), pages(url.Values{"postal_code": {"22*"}}, 100))
	assert.ElementsMatch(t, all, found)
}
