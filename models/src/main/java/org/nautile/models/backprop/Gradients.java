package org.nautile.models.backprop;

/**
 * The gradients of the loss l of one example.
 *
 * @param a dl/dA_i of each layer i, from 1, [layer][output][input]
 * @param b dl/db_i of each layer, [layer][output]
 * @param x dl/dx_i of the input, x_0, and of what each layer makes of it, [i][neuron]; nothing for one that was not
 *     computed
 */
public record Gradients(double[][][] a, double[][] b, double[][] x) {}
