// Package mirror plays the registry: the NPPES read API v2.1, from the local
// registry or from recorded answers, and the check API.
//
// # The NPPES API
//
// NewAPI answers GET /api/?version=2.1&… as npiregistry.cms.hhs.gov does, so
// that a client of it needs only another base URL: its parameters, wildcards,
// limits and errors (status 200, with the numbers and words of CMS), its
// envelope, the order of keys, what is left out, null or empty. Unknown
// parameters are ignored, the check digit of a number is not looked at, and a
// deactivated NPI is answered as if it had never been issued.
//
// What CMS neither documents nor was seen to do, and how it is here:
//
//   - The files have days and no times: the epochs are those of 00:00 in New
//     York, where CMS's own days begin.
//   - skip is honoured however large it is. CMS documents 0 to 1000, and
//     beyond that was seen to repeat pages as well as to go on. Here, every
//     provider is on one page only and the pages come to an end: the first one
//     with fewer results than the limit is the last.
//   - City, state, postal and country code must be met by one address.
//   - Without name_purpose, first_name and last_name are met by a provider's
//     own and other names and by an organization's authorized official;
//     PROVIDER and AO limit them to either. First and last name may be of two
//     names of a provider, not of an official's and its organization's.
//   - use_first_name_alias is True unless it is False, and knows a short list
//     of English names; CMS's is not published.
//   - name_purpose and address_purpose are refused with error 05 where they
//     are none of the documented words, as enumeration_type is.
//   - A limit or skip that is no number is not there.
//   - country_code=US alone is no criterion: error 04.
//   - What could not be found out, and a search that takes longer than a few
//     seconds, is status 503 with a sentence and never an empty result. Status
//     501 says that the registry was imported without its search indexes.
//
// # The check API
//
// NewCheck answers whether a number can be an NPI and, if asked, whose it is:
// see there.
//
// # For tests
//
// Recorded stands in for the registry with real answers or made-up ones, and
// fails in any way it is told to.
package mirror
