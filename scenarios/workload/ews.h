/* ews.h - the words of Exchange Web Services that GetUserAvailability needs ([MS-OXWAVLS]). */
#ifndef WEDGE_SCENARIOS_WORKLOAD_EWS_H
#define WEDGE_SCENARIOS_WORKLOAD_EWS_H

#define EWS_SOAP     "http://schemas.xmlsoap.org/soap/envelope/"
#define EWS_TYPES    "http://schemas.microsoft.com/exchange/services/2006/types"
#define EWS_MESSAGES "http://schemas.microsoft.com/exchange/services/2006/messages"
#define EWS_XML	     "<?xml version=\"1.0\" encoding=\"utf-8\"?>\n"
#define EWS_TYPE     "text/xml; charset=utf-8"
#define EWS_ACTION   EWS_MESSAGES "/GetUserAvailability"

/* Times as it has them, without a zone: scanf and printf. */
#define EWS_TIME "%04d-%02d-%02dT%02d:%02d:%02d"

#endif
