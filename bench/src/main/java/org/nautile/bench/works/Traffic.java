package org.nautile.bench.works;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import org.nautile.Storage;
import org.nautile.bench.works.KernelCall.Region;

/**
 * From where a kernel's data comes when a step is repeated: for each tensor, how many bytes were read or written since it was
 * read or written last. A cache holds what was used lately, so that distance tells how far away the data is.
 */
final class Traffic {
    /**
     * Bytes that a kernel touches.
     *
     * @param bytes how many
     * @param distance bytes touched since, these included
     */
    record Touch(double bytes, double distance) {}

    private Traffic() {}

    /**
     * What each call touches.
     *
     * @param calls the kernels of a step, in order
     * @param most bytes of the memory that the step has; tensors may share it. Infinite where each has its own
     */
    static List<List<Touch>> of(List<KernelCall> calls, double most) {
        IdentityHashMap<Storage, Map<Long, Double>> last = new IdentityHashMap<>();
        List<List<Touch>> all = new ArrayList<>();
        double time = 0;
        // twice: what the first kernels find was left by the last ones of the step before
        for (int round = 0; round < 2; round++) {
            all.clear();
            for (KernelCall call : calls) {
                List<Touch> touches = new ArrayList<>();
                double before = time;
                time += KernelCost.bytes(call);
                for (Region region : KernelCost.touchedRegions(call)) {
                    Map<Long, Double> places = last.computeIfAbsent(region.storage(), storage -> new HashMap<>());
                    double bytes = KernelCost.touched(call, region);
                    double since = places.getOrDefault(region.offset(), Double.NEGATIVE_INFINITY);
                    double distance = time - since;
                    touches.add(new Touch(bytes, Math.min(distance, most + time - before)));
                    places.put(region.offset(), time);
                }
                all.add(touches);
            }
        }
        return all;
    }
}
