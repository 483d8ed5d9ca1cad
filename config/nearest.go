package config

import "strings"

// nearest is the name most likely meant by one that is not known: the
// smallest edit distance, where getting the last part right under the wrong
// parent costs two edits.
func nearest(unknown string, names []string) string {
	best, least := "", 1<<30
	for _, name := range names {
		d := min(distance(unknown, name), 2+distance(last(unknown), last(name)))
		if d < least {
			best, least = name, d
		}
	}
	return best
}

func last(key string) string { return key[strings.LastIndexByte(key, '.')+1:] }

// distance is Levenshtein's, in bytes.
func distance(a, b string) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		diagonal := row[0]
		row[0] = i + 1
		for j := range len(b) {
			replace := diagonal
			if a[i] != b[j] {
				replace++
			}
			diagonal = row[j+1]
			row[j+1] = min(replace, row[j]+1, row[j+1]+1)
		}
	}
	return row[len(b)]
}
