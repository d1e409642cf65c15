#pragma once
// The broker of `nx-signal dev`. It lives in ingest, whose tests use the same one.

#include "ingest/embedded_broker.hpp"

namespace nx::dev {

using ingest::EmbeddedBroker;

}  // namespace nx::dev
