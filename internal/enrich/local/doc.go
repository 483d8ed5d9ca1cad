// Package local is the registry built from the files CMS and the OIG publish:
// it answers for an NPI in microseconds and without asking anyone.
//
// # A folder and its builds
//
//	DIR/CURRENT           the name of the build that answers
//	DIR/IMPORT            locked while an import runs: there is one at a time
//	DIR/build-…/          one build, never written again once it answers:
//	DIR/build-…/store/    a pebble store: the directories of the shelves, and all the rest
//	DIR/build-…/providers-…  the shelves: the providers of a range of NPIs each
//	DIR/build-…/READERS   share-locked by everyone who reads the build
//
// An import writes a build of its own beside the one that answers and then
// replaces CURRENT by a rename. A crash before the rename leaves the old build
// answering and a folder that the next import deletes; a crash after it leaves
// the new one. A build is deleted only when CURRENT does not name it and nobody
// holds its READERS.
//
// # Keys of a store
//
//	m             the manifest, as JSON
//	p BUCKET      the directory of a shelf: see shelf.go, and codec.go for what is on it
//	d NPI         a line of the deactivated NPI report: the date
//	x NPI         a line of the exclusion list
//	t CODE        the description of a taxonomy code
//	i …           search indexes, where the import was told to make them
//
// An NPI in a key is four bytes, big endian, counted from 1000000000; a bucket is
// four bytes, too.
package local
