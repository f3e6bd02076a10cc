/** The devices behind the C ABI: each kernel is one JNI call with addresses and plain numbers. */
@NullMarked
package org.nautile.backend.abi;

import org.jspecify.annotations.NullMarked;
