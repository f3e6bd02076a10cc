package org.nautile.jni;

import org.bytedeco.javacpp.annotation.NoException;
import org.bytedeco.javacpp.annotation.Platform;
import org.bytedeco.javacpp.annotation.Properties;
import org.bytedeco.javacpp.tools.Info;
import org.bytedeco.javacpp.tools.InfoMap;
import org.bytedeco.javacpp.tools.InfoMapper;

/**
 * What JavaCPP needs to know to turn the C headers into {@code org.nautile.jni.Ntl}. The list of headers is not here: the
 * build passes it (cmake/NautileBinding.cmake), so that a new op changes no Java.
 */
@Properties(value = @Platform(library = "jninautile"), target = "org.nautile.jni", global = "org.nautile.jni.Ntl")
@NoException // the ABI is plain C: nothing throws, so no try and catch around each call
public class NtlPresets implements InfoMapper {

    private static final String[] ARRAYS = {"byte", "int", "long", "float", "double"};

    /** Called by JavaCPP only. */
    public NtlPresets() {}

    @Override
    public void map(InfoMap infos) {
        infos.put(new Info("NTL_API").cppTypes().annotations());
        // Handles and addresses are plain numbers in Java too: an object per tensor would cost more than the call.
        infos.put(new Info("ntl_address", "ntl_context", "ntl_plan")
                .cast()
                .valueTypes("long")
                .pointerTypes("LongPointer"));
        infos.put(new Info("ntl_status").cast().valueTypes("int").pointerTypes("IntPointer"));
        infos.put(new Info("ntl_copy_in").javaText(copies("copy_in", "long dst, %s src, long offset", "@Const ")));
        infos.put(new Info("ntl_copy_out").javaText(copies("copy_out", "%s dst, long offset, long src", "")));
    }

    /** A copy with memory outside the heap and, without an intermediate copy, with each kind of array. */
    private static String copies(String name, String parameters, String constant) {
        String declaration =
                "public static native int ntl_" + name + "(long context, " + parameters + ", long bytes);\n";
        StringBuilder text = new StringBuilder();
        text.append(String.format(declaration, constant + "Pointer"));
        for (String element : ARRAYS) {
            // Critical: the garbage collector waits for the copy instead of the copy being made twice.
            text.append("@CriticalRegion ").append(String.format(declaration, constant + element + "[]"));
        }
        return text.toString();
    }
}
