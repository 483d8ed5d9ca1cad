package record

import "testing"

var benchClaim = []byte(`{"id":"CLM-2026-000123","type":"professional","service_from":"2026-03-02","service_to":"2026-03-02","patient":{"member_id":"W1234567","last_name":"DOE"},"diagnoses":["E119","I10"],"charge":"145.00","providers":[{"role":"billing","npi":"1770626038","entity":"organization","organization_name":"INOVA FAIRFAX HOSPITAL","tin":"541234567","taxonomy":"282N00000X"},{"role":"rendering","npi":"1851713903","entity":"person","first_name":"JOSEFINA","last_name":"DANWING","taxonomy":"225400000X"}]}`)

func BenchmarkDecodeClaim(b *testing.B) {
	b.ReportAllocs()
	b.SetBytes(int64(len(benchClaim)))
	for b.Loop() {
		if _, err := Decode(KindClaim, benchClaim); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkAppendResult(b *testing.B) {
	r := sampleResult()
	buf := make([]byte, 0, 4096)
	b.ReportAllocs()
	for b.Loop() {
		buf = r.AppendJSON(buf[:0])
	}
}
