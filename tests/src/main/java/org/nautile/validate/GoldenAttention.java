package org.nautile.validate;

import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.Map;
import org.nautile.Device;
import org.nautile.Generator;
import org.nautile.Scope;
import org.nautile.Shape;
import org.nautile.Tensor;
import org.nautile.autograd.Autograd;
import org.nautile.backend.ActivationKernel.Function;
import org.nautile.nn.Module;
import org.nautile.nn.MultiHeadAttention;
import org.nautile.nn.Parameter;
import org.nautile.nn.TransformerDecoderLayer;
import org.nautile.nn.TransformerEncoderLayer;
import org.nautile.op.AttentionOp;

/** PyTorch's cases of attention, and of the layers around it. */
final class GoldenAttention {
    private static final Generator NO_MATTER = new Generator(0, 0); // parameters are those of the file

    private GoldenAttention() {}

    /** With an axis of heads, and in some cases a mask [B, 1, 1, Lk] with 1 for keys that take part. */
    static Measure attention(GoldenFile file, Device device) throws IOException {
        boolean usual = !file.hasAttribute("scale") || file.text("scale").equals("1/sqrt(d)");
        if (!usual) {
            throw file.unknown("scale", file.text("scale"));
        }
        AttentionOp op = new AttentionOp(0, file.flag("causal"));
        byte[] mask = file.has("in.mask") ? bytes(file.longs("in.mask")) : new byte[0];
        Shape maskShape = mask.length == 0
                ? Shape.of(0)
                : file.shape("in.mask").without(1).without(1);
        GoldenOps.Formula formula = in -> mask.length == 0
                ? Autograd.apply(op, in)
                : Autograd.apply(op, in[0], in[1], in[2], Tensor.of(device, mask, maskShape));
        Budget forward = Budget.ulp(4, "the contract of attention.h").plus(1e-6).within(1e-6);
        Budget backward =
                Budget.ulp(8, "the contract of attention.h").plus(2e-6).within(1e-6);
        return GoldenOps.check(file, device, formula, forward, backward, GoldenOps.NONE, "q", "k", "v");
    }

    private static byte[] bytes(long... values) {
        byte[] bytes = new byte[values.length];
        for (int i = 0; i < bytes.length; i++) {
            bytes[i] = (byte) values[i];
        }
        return bytes;
    }

    /** Self-attention. */
    static Measure multiHead(GoldenFile file, Device device) throws IOException {
        int embedding = (int) file.shape("in.x").dim(-1);
        try (Module layer = new MultiHeadAttention(embedding, heads(file), NO_MATTER)) {
            return layer(file, device, layer, in -> layer.forward(in[0]), "x");
        }
    }

    /** Self-attention and a feed-forward network. */
    static Measure encoderLayer(GoldenFile file, Device device) throws IOException {
        int embedding = (int) file.shape("in.x").dim(-1);
        int hidden = (int) file.shape("in.linear1.bias").size();
        try (TransformerEncoderLayer layer = new TransformerEncoderLayer(
                embedding, heads(file), hidden, 0, activation(file), file.flag("norm_first"), NO_MATTER)) {
            return layer(file, device, layer, in -> layer.forward(in[0]), "x");
        }
    }

    /** With attention to another sequence; causal. */
    static Measure decoderLayer(GoldenFile file, Device device) throws IOException {
        int embedding = (int) file.shape("in.x").dim(-1);
        int hidden = (int) file.shape("in.linear1.bias").size();
        if (!file.text("tgt_mask").equals("causal")) {
            throw file.unknown("tgt_mask", file.text("tgt_mask"));
        }
        try (TransformerDecoderLayer layer = new TransformerDecoderLayer(
                embedding, heads(file), hidden, 0, activation(file), file.flag("norm_first"), NO_MATTER)) {
            return layer(file, device, layer, in -> layer.forward(in[0], in[1]), "x", "memory");
        }
    }

    private static int heads(GoldenFile file) throws IOException {
        return (int) file.number("heads");
    }

    private static Function activation(GoldenFile file) throws IOException {
        String text = file.text("activation");
        return switch (text) {
            case "relu" -> Function.RELU;
            case "gelu" -> Function.GELU;
            default -> throw file.unknown("activation", text);
        };
    }

    /** Loads a layer's parameters, and compares its output and the gradients by inputs and parameters. */
    private static Measure layer(
            GoldenFile file, Device device, Module layer, GoldenOps.Formula formula, String... inputs)
            throws IOException {
        try (Scope scope = new Scope()) {
            layer.to(device);
            Map<String, Tensor> state = new LinkedHashMap<>();
            for (String name : layer.parameters().keySet()) {
                state.put(name, file.tensor("in." + name, device));
            }
            layer.loadState(state);
            Tensor[] tensors = new Tensor[inputs.length];
            Map<String, Tensor> leaves = new LinkedHashMap<>();
            for (int i = 0; i < inputs.length; i++) {
                tensors[i] = Autograd.requireGradient(file.tensor("in." + inputs[i], device));
                leaves.put(inputs[i], tensors[i]);
            }
            for (Map.Entry<String, Parameter> entry : layer.parameters().entrySet()) {
                leaves.put(entry.getKey(), entry.getValue().value());
            }
            if (leaves.size() != file.names("grad.").size()) {
                throw new Mismatch("gradients " + file.names("grad.") + " expected, there are " + leaves.keySet());
            }
            Tensor y = formula.of(tensors);
            Autograd.backward(y, file.tensor("up.y", device));
            Budget forward = Budget.ulp(4, "sums through the layer's products")
                    .plus(2e-6)
                    .within(1e-6);
            Measure worst = file.compare("out.y", y.shape(), y.toArray(), forward, null, false);
            Budget backward = Budget.ulp(8, "sums over batch and length, through the layer's products")
                    .plus(5e-6)
                    .within(2e-6);
            for (Map.Entry<String, Tensor> leaf : leaves.entrySet()) {
                String name = "grad." + leaf.getKey();
                Tensor gradient = Autograd.gradient(leaf.getValue());
                if (gradient == null) {
                    throw new Mismatch(name + ": no gradient");
                }
                worst = Measure.worse(
                        worst, file.compare(name, gradient.shape(), gradient.toArray(), backward, null, false));
            }
            return worst;
        }
    }
}
