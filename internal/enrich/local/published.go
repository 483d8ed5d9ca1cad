package local

// published are descriptions of taxonomy codes as the NPPES API itself gives
// them, for a registry without NUCC's own file, whose licence forbids to carry
// it along.
var published = map[string]string{}
