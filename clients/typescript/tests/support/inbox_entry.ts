// What the test pages of the inbox run: the sources of both packages, as one script.
import { createSignal } from "../../packages/client/src/index";
import * as inbox from "../../packages/inbox/src/index";

Object.assign(globalThis, { createSignal, inbox });
