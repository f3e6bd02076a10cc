/** Back-propagation as the slides write it: a perceptron in plain Java, its gradients, moments of its training. */
@NullMarked
package org.nautile.models.backprop;

import org.jspecify.annotations.NullMarked;
