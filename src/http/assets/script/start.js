// What pages do better with scripts; everything works without.
"use strict";
