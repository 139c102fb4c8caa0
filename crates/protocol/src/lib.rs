//! The wire protocol: ids, records, requests, responses, messages, validation and their JSON.
