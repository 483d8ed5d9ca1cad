package judge

import (
	"slices"
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

// words are a name's words in upper case, without accents and punctuation:
// "O'Neil-Núñez, Jr." is ONEIL NUNEZ JR.
type words []string

// wordsOf splits a name. Apostrophes and full stops join what they stand in
// ("D'Amico", "L.L.C."), every other sign separates.
func wordsOf(name string) words {
	for i := range len(name) {
		if name[i] >= 0x80 || name[i] == '&' {
			return strings.Fields(strings.Map(fold, norm.NFKD.String(unfolded.Replace(name))))
		}
	}
	return strings.Fields(strings.Map(foldASCII, name)) // most names, and several times quicker
}

func foldASCII(r rune) rune {
	switch {
	case 'A' <= r && r <= 'Z' || '0' <= r && r <= '9':
		return r
	case 'a' <= r && r <= 'z':
		return r - ('a' - 'A')
	case r == '.' || r == '\'' || r == '`':
		return -1
	}
	return ' '
}

// unfolded spells out what the decomposition of Unicode leaves alone.
var unfolded = strings.NewReplacer(
	"ß", "SS", "ẞ", "SS", "æ", "AE", "Æ", "AE", "œ", "OE", "Œ", "OE", "ø", "O", "Ø", "O",
	"ł", "L", "Ł", "L", "đ", "D", "Đ", "D", "ð", "D", "Ð", "D", "þ", "TH", "Þ", "TH", "ı", "I",
	"&", " AND ")

func fold(r rune) rune {
	switch {
	case r < 0x80:
		return foldASCII(r)
	case strings.ContainsRune("´’‘ʼ", r), unicode.Is(unicode.Mn, r):
		return -1
	case unicode.IsLetter(r) || unicode.IsDigit(r):
		return unicode.ToUpper(r)
	}
	return ' '
}

// joined is the words without the blanks, so that DE LA CRUZ is DELACRUZ.
func (w words) joined() string { return strings.Join(w, "") }

// without leaves out the listed words, unless nothing would be left.
func (w words) without(list map[string]bool) words {
	left := slices.DeleteFunc(slices.Clone(w), func(s string) bool { return list[s] })
	if len(left) == 0 {
		return w
	}
	return left
}

// trim leaves out listed words at the ends, never the last one left: DO and MA
// are credentials, and surnames too.
func (w words) trim(leading, trailing map[string]bool) words {
	for len(w) > 1 && leading[w[0]] {
		w = w[1:]
	}
	for len(w) > 1 && trailing[w[len(w)-1]] {
		w = w[:len(w)-1]
	}
	return w
}

// half reports whether one name is the beginning or the end of the other, in
// whole words: SMITH of SMITH JONES, CRUZ of DE LA CRUZ.
func half(a, b words) bool { return a.halves(b.joined()) || b.halves(a.joined()) }

func (w words) halves(whole string) bool {
	for i := 1; i < len(w); i++ {
		if len(whole) > 1 && (w[:i].joined() == whole || w[i:].joined() == whole) { // an initial is not half a name
			return true
		}
	}
	return false
}

// set makes a lookup of the words of a list.
func set(list string) map[string]bool {
	s := make(map[string]bool)
	for _, w := range strings.Fields(list) {
		s[w] = true
	}
	return s
}
